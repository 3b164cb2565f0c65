// A fetch handler on StarlingMonkey (SpiderMonkey): the road that most JavaScript for WASI 0.2 takes.
//   GET /  ·  POST /echo  ·  GET /headers  ·  GET /json/NAME?…  ·  GET /sleep/MS  ·  GET /fib/N  ·  GET /fetch?url=…  ·  POST /sha256
const fib = n => (n < 2 ? n : fib(n - 1) + fib(n - 2));
const hex = buffer => [...new Uint8Array(buffer)].map(b => b.toString(16).padStart(2, '0')).join('');

async function handle(request) {
  const url = new URL(request.url);
  const [, route, argument] = url.pathname.split('/');
  switch (route) {
    case '': return new Response('Hello from JavaScript\n', { headers: { 'content-type': 'text/plain' } });
    case 'echo': return new Response(request.body, { headers: { 'content-type': 'text/plain' } });
    case 'headers': return new Response([...request.headers].map(([name, value]) => `${name}: ${value}\n`).join(''));
    case 'json': return Response.json({ hello: decodeURIComponent(argument ?? ''), query: Object.fromEntries(url.searchParams) });
    case 'fib': return new Response(`${fib(Math.min(Number(argument) || 0, 35))}\n`);
    case 'sha256': return new Response(`${hex(await crypto.subtle.digest('SHA-256', await request.arrayBuffer()))}\n`);
    case 'fetch': return fetch(url.searchParams.get('url'));
    case 'sleep':
      await new Promise(resolve => setTimeout(resolve, Number(argument) || 0));
      return new Response('slept\n');
    default: return new Response('not found\n', { status: 404 });
  }
}

addEventListener('fetch', event => event.respondWith(handle(event.request)));
