// Answers requests as a service worker does.
addEventListener('fetch', event => event.respondWith(handle(event.request)));

async function handle(request) {
  const url = new URL(request.url);
  return new Response(`Hello, ${url.pathname}\n`, { headers: { 'content-type': 'text/plain' } });
}
