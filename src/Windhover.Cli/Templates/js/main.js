// Answers requests as a service worker does. Cron, queues and the start of the server call it too, by a POST with headers that say why.
addEventListener('fetch', event => event.respondWith(handle(event.request)));

async function handle(request) {
  const trigger = request.headers.get('windhover-trigger'); // cron, queue or start
  if (trigger) {
    console.log(`called by ${trigger}: ${await request.text()}`);
    return new Response(null, { status: 204 }); // 2xx: done. Anything else is a failure, which a queue tries again.
  }

  const { pathname } = new URL(request.url);
  return new Response(`Hello, ${pathname}\n`, { headers: { 'content-type': 'text/plain' } });
}
