// wasi:http/handler 0.3 in JavaScript on QuickJS, which has neither TextEncoder nor console.
//   GET /  ·  POST /echo  ·  GET /json/NAME  ·  GET /sleep/MS  ·  GET /fib/N
import { Fields, Request, Response } from 'wasi:http/types@0.3.0';
import clock from 'wasi:clocks/monotonic-clock@0.3.0';

const bytes = text => Uint8Array.from(unescape(encodeURIComponent(text)), c => c.charCodeAt(0));
const ok = val => Promise.resolve({ tag: 'ok', val });
const fib = n => (n < 2 ? n : fib(n - 1) + fib(n - 2));

function respond(status, type, chunks, trailers = ok(undefined)) {
  const [response] = Response.new(Fields.fromList([['content-type', bytes(type)]]), chunks, trailers);
  response.setStatusCode(status);
  return response;
}

async function* once(text) { yield bytes(text); }
const text = (status, body) => respond(status, 'text/plain', once(body));

export const handler = {
  async handle(request) {
    const path = (request.getPathWithQuery() ?? '/').split('?')[0];
    const [, route, argument] = path.split('/');
    switch (route) {
      case '': return text(200, 'Hello from JavaScript\n');
      case 'json': return respond(200, 'application/json', once(JSON.stringify({ hello: decodeURIComponent(argument ?? '') })));
      case 'fib': return text(200, `${fib(Math.min(Number(argument) || 0, 35))}\n`);
      case 'sleep':
        await clock.waitFor((Number(argument) || 0) * 1e6);
        return text(200, 'slept\n');
      case 'echo': {
        const [body, trailers] = Request.consumeBody(request, ok(undefined));
        return respond(200, 'text/plain', body, trailers);
      }
      default: return text(404, 'not found\n');
    }
  },
};
