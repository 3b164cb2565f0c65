// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
function variable(name: string): string {
  return process.env.has(name) ? process.env.get(name) : '';
}

if (process.env.has('REQUEST_METHOD')) process.stdout.write('Content-Type: text/plain\n\nHello, ' + variable('PATH_INFO') + '\n');
else process.stdout.write('called by ' + variable('WINDHOVER_TRIGGER') + '\n');

const buffer = new ArrayBuffer(4096);
for (let n = process.stdin.read(buffer); n > 0; n = process.stdin.read(buffer)) process.stdout.write(String.UTF8.decodeUnsafe(changetype<usize>(buffer), n));
