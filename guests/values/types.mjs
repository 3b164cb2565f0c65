// The types and functions of the `values` guest: one description, from which generate.mjs writes the WIT and the C.
// A type is {kind, …}; `layout` and `flatten` follow the canonical ABI (Explainer "CanonicalABI.md": alignment, elem_size, flatten_type).

const prim = kind => ({ kind });
export const [bool, s8, u8, s16, u16, s32, u32, s64, u64, f32, f64, char, string] =
  'bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string'.split(' ').map(prim);
export const list = of => ({ kind: 'list', of });
export const tuple = (...of) => ({ kind: 'tuple', fields: of.map((type, i) => [`${i}`, type]) });
export const option = of => ({ kind: 'option', cases: [['none', null], ['some', of]] });
export const result = (ok, err) => ({ kind: 'result', cases: [['ok', ok], ['err', err]] });
// Named types. A case without payload has the type null.
const named = (kind, name, rest) => ({ kind, name, ...rest });
export const record = (name, fields) => named('record', name, { fields: Object.entries(fields) });
export const variant = (name, cases) => named('variant', name, { cases: Object.entries(cases) });
export const enumeration = (name, labels) => named('enum', name, { cases: labels.map(label => [label, null]) });
export const flags = (name, labels) => named('flags', name, { labels });

const labels = (prefix, count) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

// Named types, in the order in which they are declared.
const point = record('point', { x: s32, y: s32 });
const padded = record('padded', { a: u8, b: u64, c: u16, d: f32, e: bool, f: char, g: s8 });
const address = record('address', { street: string, number: option(u16) });
const person = record('person', {
  name: string, age: u8, tags: list(string), home: option(address), path: list(point), 'key-values': list(tuple(string, u64)),
});
const wide = record('wide', Object.fromEntries(labels('f', 20).map((f, i) => [f, [u8, u64, f32, f64][i % 4]])));
const number = variant('number', { int: s32, real: f32 });
const shape = variant('shape', {
  empty: null, byte: u8, long: s64, single: f32, double: f64, letter: char, text: string, at: point, 'raw-bytes': list(u8), who: person,
});
const color = enumeration('color', ['red', 'green', 'blue']);
const many = enumeration('many', labels('c', 300));
const flags1 = flags('flags1', labels('b', 1));
const flags8 = flags('flags8', labels('b', 8));
const flags9 = flags('flags9', labels('b', 9));
const flags16 = flags('flags16', labels('b', 16));
const flags17 = flags('flags17', labels('b', 17));
const flags32 = flags('flags32', labels('b', 32));
export const declared = [point, padded, address, person, wide, number, shape, color, many, flags1, flags8, flags9, flags16, flags17, flags32];

// What is sent round: each entry also as a list of itself, because a list's items lie in memory and a parameter is flat.
export const sent = {
  bool, s8, u8, s16, u16, s32, u32, s64, u64, f32, f64, char, string,
  'list-u8': list(u8), 'list-string': list(string),
  tuple1: tuple(f64), tuple3: tuple(u8, s64, string), 'tuple-nested': tuple(tuple(u8, u16), tuple(f32, tuple(bool, char))),
  'option-u8': option(u8), 'option-string': option(string), 'option-option': option(option(u32)), 'option-point': option(point),
  'result-none': result(null, null), 'result-ok': result(u64, null), 'result-err': result(null, string),
  'result-both': result(u32, string), 'result-mixed': result(f64, color), 'result-nested': result(option(list(u8)), result(null, f32)),
  ...Object.fromEntries(declared.map(type => [type.name, type])),
};
for (const [name, type] of Object.entries({ ...sent })) sent[`list-of-${name}`] = list(type);

const params = (count, type) => labels('p', count).map(p => [p, type]);
// Functions beside the round trips: exactly 16 flat parameters, one more (they go through memory), several kinds at once, none at all.
export const shapes = [
  { name: 'nothing', params: [], result: null },
  { name: 'take', params: [['v', u32]], result: null },
  { name: 'give', params: [], result: u32 },
  { name: 'sixteen', params: params(16, u32), result: list(u32) },
  { name: 'seventeen', params: params(17, u32), result: list(u32) },
  { name: 'mixture', params: [['a', u8], ['b', string], ['c', f64], ['d', option(u64)], ['e', shape]], result: tuple(string, f64, shape) },
];

const unit = { size: 0, align: 1 };
const scalar = { bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, f32: 4, f64: 8, char: 4 };
export const alignTo = (n, align) => Math.ceil(n / align) * align;
export const tagSize = cases => (cases.length <= 256 ? 1 : cases.length <= 65536 ? 2 : 4);

// Size, alignment and, where there are fields, their offsets in linear memory.
export function layout(type) {
  if (!type) return unit;
  if (scalar[type.kind]) return { size: scalar[type.kind], align: scalar[type.kind] };
  if (type.kind === 'string' || type.kind === 'list') return { size: 8, align: 4 };
  if (type.kind === 'flags') {
    const size = type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4;
    return { size, align: size };
  }
  if (type.fields) {
    let size = 0, align = 1;
    const offsets = type.fields.map(([, field]) => {
      const at = alignTo(size, layout(field).align);
      size = at + layout(field).size;
      align = Math.max(align, layout(field).align);
      return at;
    });
    return { size: alignTo(size, align), align, offsets };
  }
  const tag = tagSize(type.cases);
  const payloads = type.cases.map(([, payload]) => layout(payload));
  const payloadAlign = Math.max(...payloads.map(p => p.align));
  const align = Math.max(tag, payloadAlign);
  const payload = alignTo(tag, payloadAlign);
  return { size: alignTo(payload + Math.max(...payloads.map(p => p.size)), align), align, payload };
}

const join = (a, b) => (a === b ? a : [a, b].sort().join() === 'f32,i32' ? 'i32' : 'i64');

// The core types that a value becomes as a parameter or result.
export function flatten(type) {
  if (!type) return [];
  if (type.kind === 'f32' || type.kind === 'f64') return [type.kind];
  if (type.kind === 's64' || type.kind === 'u64') return ['i64'];
  if (type.kind === 'string' || type.kind === 'list') return ['i32', 'i32'];
  if (type.fields) return type.fields.flatMap(([, field]) => flatten(field));
  if (!type.cases) return ['i32'];
  const joined = [];
  for (const [, payload] of type.cases) flatten(payload).forEach((core, i) => (joined[i] = joined[i] ? join(joined[i], core) : core));
  return ['i32', ...joined];
}

// WIT text of a type where it is used.
export function wit(type) {
  const arm = t => (t ? wit(t) : '_');
  switch (type.kind) {
    case 'list': return `list<${wit(type.of)}>`;
    case 'tuple': return `tuple<${type.fields.map(([, t]) => wit(t)).join(', ')}>`;
    case 'option': return `option<${wit(type.cases[1][1])}>`;
    case 'result': {
      const [[, ok], [, err]] = type.cases;
      return err ? `result<${arm(ok)}, ${wit(err)}>` : ok ? `result<${wit(ok)}>` : 'result';
    }
    default: return type.name ?? type.kind;
  }
}
