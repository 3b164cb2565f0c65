# Served with: workerd serve peers/workerd.capnp --socket-addr http=127.0.0.1:PORT
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "hello", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "hello")]
);

const hello :Workerd.Worker = (
  modules = [(name = "hello", esModule = embed "workerd-hello.js")],
  compatibilityDate = "2026-01-01",
);
