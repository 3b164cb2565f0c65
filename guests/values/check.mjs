// node check.mjs [file.wasm]: runs the guest on another host of the component model (jco) and compares every value with what was sent.
// The host side returns what it gets; the text of `show-*` is compared with this file's own.
import { deepStrictEqual as same, strictEqual as equal } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco';
import { sent, shapes } from './types.mjs';

const camel = name => name.replace(/-./g, m => m[1].toUpperCase());
const hex = (bytes, set) => { const view = new DataView(new ArrayBuffer(bytes)); set(view); let s = '0x'; for (let i = bytes; i--;) s += view.getUint8(i).toString(16).padStart(2, '0'); return s; };
const quote = (s, q) => [...s].map(c => c < ' ' || c === '\x7f' ? `\\u{${c.codePointAt(0).toString(16)}}` : c === q || c === '\\' ? '\\' + c : c).join('');
const simple = {
  bool: [true, false], s8: [-128, 0, 127], u8: [0, 255], s16: [-32768, 32767], u16: [0, 65535], s32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1],
  s64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n], f32: [0, -0, 1.5, Infinity], f64: [Math.PI, -0, 5e-324, -Infinity],
  char: ['a', '\'', 'é', '€', '😀', '\n'], string: ['', 'plain', 'é ü', 'żółw', 'a"b\\c\n\x7f', '😀€é', 'x'.repeat(3000)],
};
const array = { u8: Uint8Array, s8: Int8Array, u16: Uint16Array, s16: Int16Array, u32: Uint32Array, s32: Int32Array, u64: BigUint64Array, s64: BigInt64Array, f32: Float32Array, f64: Float64Array };
const nests = t => t?.kind === 'option';

// Sample values as [what JavaScript passes, its text].
function samples(type) {
  const { kind } = type;
  if (simple[kind]) return simple[kind].map(v => [v, kind === 'f32' ? hex(4, d => d.setFloat32(0, v, true)) : kind === 'f64' ? hex(8, d => d.setFloat64(0, v, true))
    : kind === 'char' ? `'${quote(v, "'")}'` : kind === 'string' ? `"${quote(v, '"')}"` : `${v}`]);
  if (kind === 'list') {
    const all = samples(type.of), make = a => (array[type.of.kind] ? array[type.of.kind].from(a) : a);
    return [all, [], all.slice(-1)].map(l => [make(l.map(s => s[0])), `[${l.map(s => s[1]).join(', ')}]`]);
  }
  if (type.fields) {
    const columns = type.fields.map(([, t]) => samples(t));
    return Array.from({ length: Math.max(...columns.map(c => c.length)) }, (_, row) => {
      const cells = columns.map(c => c[row % c.length]);
      return kind === 'tuple' ? [cells.map(c => c[0]), `(${cells.map(c => c[1]).join(', ')})`]
        : [Object.fromEntries(cells.map((c, i) => [camel(type.fields[i][0]), c[0]])), `{${cells.map((c, i) => `${type.fields[i][0]}: ${c[1]}`).join(', ')}}`];
    });
  }
  if (kind === 'flags') return [() => false, () => true, i => i % 2 === 0, i => i === type.labels.length - 1].map(on =>
    [Object.fromEntries(type.labels.map((l, i) => [camel(l), on(i)])), `{${type.labels.filter((_, i) => on(i)).join(', ')}}`]);
  return type.cases.flatMap(([label, payload]) => {
    const wrap = v => kind === 'enum' ? label : kind === 'option' && !nests(type.cases[1][1]) ? v : v === undefined && !payload ? { tag: label } : { tag: label, val: v };
    return payload ? samples(payload).map(([v, text]) => [wrap(v), `${label}(${text})`]) : [[wrap(undefined), label]];
  });
}

// jco turns a result returned by a function into a value or an exception.
const returned = (type, call) => {
  if (type?.kind !== 'result') return call();
  try { return { tag: 'ok', val: call() }; } catch (e) { if (!('payload' in e)) throw e; return { tag: 'err', val: e.payload }; }
};
const giveBack = (type, v) => { if (type?.kind !== 'result') return v; if (v.tag === 'err') throw v.val; return v.val; };
const normal = v => v && typeof v === 'object' && 'tag' in v ? { tag: v.tag, val: normal(v.val) } : Array.isArray(v) ? v.map(normal)
  : v && typeof v === 'object' && v.constructor === Object ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, normal(x)])) : v;

class Counter {
  static dropped = 0;
  constructor(n) { this.n = n; }
  add(n) { return (this.n += n); }
  value() { return this.n; }
  static merge(a, b) { return new Counter(a.n + b.n); }
  static even(n) { if (n % 2) throw `${n} is odd — ungerade`; return new Counter(n); }
  [Symbol.dispose]() { Counter.dropped++; }
}
const total = all => all.reduce((sum, c) => sum + c.n, 0);
const host = {
  resources: { Counter, take: c => c.n, peek: c => c.n, roundtripOwn: c => c, maybe: c => c, make: n => Array.from({ length: n }, (_, i) => new Counter(i)),
    sum: total, peekAll: total, dropped: () => Counter.dropped },
  roundtrip: Object.fromEntries([...Object.entries(sent).map(([name, t]) => [camel(`roundtrip-${name}`), v => giveBack(t, v)]),
    ['nothing', () => {}], ['take', () => {}], ['give', () => 7], ['sixteen', (...p) => Uint32Array.from(p)], ['seventeen', (...p) => Uint32Array.from(p)],
    ['mixture', (a, b, c, d, e) => [b, c, e]]]),
  types: {},
};

const file = process.argv[2] ?? join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), 'values.wasm');
const { files } = await transpile(readFileSync(file), { name: 'values', instantiation: { tag: 'async' } });
const folder = mkdtempSync('/tmp/values-');
for (const [name, bytes] of Object.entries(files)) { mkdirSync(dirname(join(folder, name)), { recursive: true }); writeFileSync(join(folder, name), bytes); }
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
const { instantiate } = await import(pathToFileURL(join(folder, 'values.js')));
const guest = await instantiate(path => WebAssembly.compile(readFileSync(join(folder, path))),
  Object.fromEntries(Object.entries(host).map(([name, value]) => [`windhover:values/${name}`, value])));
rmSync(folder, { recursive: true });
const { roundtrip, show, resources } = guest;

let values = 0;
for (const [name, type] of Object.entries(sent))
  for (const [v, text] of samples(type)) {
    values++;
    equal(show[camel(`show-${name}`)](v), text, `show-${name}`);
    same(normal(returned(type, () => roundtrip[camel(`roundtrip-${name}`)](v))), normal(v), `roundtrip-${name}`);
  }

equal(roundtrip.give(), 7);
roundtrip.nothing(), roundtrip.take(1);
for (const [f, n] of [['sixteen', 16], ['seventeen', 17]]) { const p = Array.from({ length: n }, (_, i) => i * 3); same([...roundtrip[f](...p)], p); }
same(roundtrip.mixture(1, 'żółw', 2.5, 9n, { tag: 'double', val: 0.5 }), ['żółw', 2.5, { tag: 'double', val: 0.5 }]);

const { Counter: Guest } = resources;
const c = new Guest(5);
equal(c.add(2), 7), equal(c.value(), 7), equal(resources.peek(c), 7);
const d = resources.roundtripOwn(c);
equal(d.value(), 7), equal(Guest.merge(d, Guest.even(4)).value(), 11);
equal(returned({ kind: 'result' }, () => Guest.even(3)).val, '3 is odd — ungerade');
equal(resources.maybe(undefined), undefined), equal(resources.take(resources.maybe(new Guest(3))), 3);
equal(resources.peekAll(resources.make(4)), 6), equal(resources.sum(resources.make(5)), 10);
console.log(`${file}: ${values} values of ${Object.keys(sent).length} types and ${shapes.length} function shapes, resources: all as sent; guest counters dropped: ${resources.dropped()}`);
