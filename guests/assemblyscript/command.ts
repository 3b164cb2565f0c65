// A WASI 0.1 command in AssemblyScript.
//   assemblyscript            "Hello from AssemblyScript"
//   assemblyscript args A…    each argument on a line
//   assemblyscript env NAME   a value
//   assemblyscript reverse    standard input, each line turned round
//   assemblyscript exit N
const args = process.argv.slice(1);
const verb = args.length > 0 ? args[0] : '';

function readAll(): string {
  let text = '';
  const buffer = new ArrayBuffer(4096);
  for (let n = process.stdin.read(buffer); n > 0; n = process.stdin.read(buffer)) text += String.UTF8.decodeUnsafe(changetype<usize>(buffer), n);
  return text;
}

if (verb == '') console.log('Hello from AssemblyScript');
else if (verb == 'args') for (let i = 1; i < args.length; i++) console.log(args[i]);
else if (verb == 'env') console.log(process.env.has(args[1]) ? process.env.get(args[1]) : '(unset)');
else if (verb == 'reverse') {
  const lines = readAll().split('\n');
  for (let i = 0; i < lines.length; i++) if (i + 1 < lines.length || lines[i].length) console.log(lines[i].split('').reverse().join(''));
} else if (verb == 'exit') process.exit(I32.parseInt(args[1]));
else {
  console.error('assemblyscript: unknown command');
  process.exit(2);
}
