// Usage: node node-hello.mjs PORT
import { createServer } from 'node:http';

createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('Hello, world!\n');
}).listen(Number(process.argv[2]), '127.0.0.1');
