// node generate.mjs wit            the WIT package, to standard output
// node generate.mjs c              the C of the `roundtrip` and `show` interfaces, to standard output
//
// Each exported function lifts its flat arguments into C values, whose layout is the C compiler's own and asserted to be the canonical one,
// lowers them again for its imported twin, and hands the twin's result back. `show-*` prints what the guest saw.
import { declared, flatten, layout, sent, shapes, string, wit } from './types.mjs';

const MODULE = name => `windhover:values/${name}@0.1.0`;
const roundtrips = [...Object.entries(sent).map(([name, type]) => ({ name: `roundtrip-${name}`, params: [['v', type]], result: type })), ...shapes];
const shows = Object.entries(sent).map(([name, type]) => ({ name: `show-${name}`, params: [['v', type]], result: string, shown: type }));

// ---- WIT ----

const id = name => name; // no name here is a WIT keyword
const func = f => `  ${id(f.name)}: func(${f.params.map(([n, t]) => `${n}: ${wit(t)}`).join(', ')})${f.result ? ` -> ${wit(f.result)}` : ''};`;
const body = type =>
  type.kind === 'record' ? type.fields.map(([n, t]) => `${id(n)}: ${wit(t)}`)
  : type.kind === 'flags' ? type.labels.map(id)
  : type.cases.map(([n, t]) => (t ? `${id(n)}(${wit(t)})` : id(n)));
const declaration = type => `  ${type.kind} ${type.name} { ${body(type).join(', ')} }`;
const use = `  use types.{${declared.map(t => t.name).join(', ')}};`;

const witText = () => `// Written by generate.mjs from types.mjs; resources.wit beside it is written by hand.
package windhover:values@0.1.0;

interface types {
${declared.map(declaration).join('\n')}
}

/// The guest exports what it imports: an exported function calls its imported twin and returns what that returned.
interface roundtrip {
${use}
${roundtrips.map(func).join('\n')}
}

/// The value as the guest saw it, in WAVE's notation, floats as their bits in hexadecimal.
interface show {
${use}
${shows.map(func).join('\n')}
}

world values {
  import roundtrip;
  import resources;
  export roundtrip;
  export show;
  export resources;
}
`;

// ---- C: types ----

const C = { bool: 'uint8_t', s8: 'int8_t', u8: 'uint8_t', s16: 'int16_t', u16: 'uint16_t', s32: 'int32_t', u32: 'uint32_t', s64: 'int64_t',
  u64: 'uint64_t', f32: 'float', f64: 'double', char: 'uint32_t', string: 'struct str' };
const CORE = { i32: 'uint32_t', i64: 'uint64_t', f32: 'float', f64: 'double' };
const names = new Map(); // WIT text → C type
const out = [];
const ident = name => name.replaceAll('-', '_');

// The C type of a WIT type, declared on first use, with its show function.
function ctype(type) {
  if (C[type.kind]) return C[type.kind];
  const key = wit(type);
  if (names.has(key)) return names.get(key);
  const children = [type.of, ...(type.fields ?? []).map(f => f[1]), ...(type.cases ?? []).map(c => c[1])].filter(Boolean);
  children.forEach(ctype);
  const name = `t${names.size}`;
  const { size, align, offsets, payload } = layout(type);
  if (type.kind === 'flags') out.push(`typedef uint${size * 8}_t ${name}; // ${key}`);
  else if (type.kind === 'list') out.push(`typedef struct { ${ctype(type.of)} *items; uint32_t count; } ${name}; // ${key}`);
  else if (type.fields) out.push(`typedef struct { ${type.fields.map(([n, t], i) => `${ctype(t)} f${i};`).join(' ')} } ${name}; // ${key}`);
  else {
    const tag = `uint${type.cases.length <= 256 ? 8 : 16}_t tag;`;
    const arms = type.cases.map(([, t], i) => (t ? `${ctype(t)} c${i};` : '')).join(' ');
    out.push(`typedef struct { ${tag} ${arms.trim() && `union { ${arms} } as;`} } ${name}; // ${key}`);
  }
  names.set(key, name);
  out.push(`static_assert(sizeof(${name}) == ${size} && alignof(${name}) == ${align});`);
  offsets?.forEach((at, i) => out.push(`static_assert(offsetof(${name}, f${i}) == ${at});`));
  if (type.cases?.some(c => c[1])) out.push(`static_assert(offsetof(${name}, as) == ${payload});`);
  showFunction(type, name);
  return name;
}

const showCall = (type, expression) => `show_${C[type.kind] ? type.kind : ctype(type)}(${expression});`;

function showFunction(type, name) {
  const s = [`static void show_${name}(${name} v)`, '{'];
  const join = (items, open, close) => s.push(`    puts_(${JSON.stringify(open)});`, ...items.map((x, i) => `    ${i ? 'puts_(", "); ' : ''}${x}`), `    puts_(${JSON.stringify(close)});`);
  if (type.kind === 'flags') {
    s.push(`    static const char *const labels[] = {${type.labels.map(l => `"${l}"`)}};`, `    show_labels(v, labels, ${type.labels.length});`);
  } else if (type.kind === 'list') {
    s.push('    puts_("[");', `    for (uint32_t i = 0; i < v.count; i++) { if (i) puts_(", "); ${showCall(type.of, 'v.items[i]')} }`, '    puts_("]");');
  } else if (type.kind === 'tuple') join(type.fields.map(([, t], i) => showCall(t, `v.f${i}`)), '(', ')');
  else if (type.fields) join(type.fields.map(([n, t], i) => `puts_("${n}: "); ${showCall(t, `v.f${i}`)}`), '{', '}');
  else {
    s.push(`    static const char *const labels[] = {${type.cases.map(([n]) => `"${n}"`)}};`,
      `    if (v.tag >= ${type.cases.length}) __builtin_trap();`, '    puts_(labels[v.tag]);', '    switch (v.tag) {',
      ...type.cases.flatMap(([, t], i) => (t ? [`    case ${i}: puts_("("); ${showCall(t, `v.as.c${i}`)} puts_(")"); break;`] : [])), '    }');
  }
  out.push(...s, '}');
}

// ---- C: flat values ----

const toCore = (want, have, x) => // a core value of type `have` in a slot of type `want` (variants join their cases' slots)
  want === have ? x : have === 'f32' ? `bits32(${x})` : have === 'f64' ? `bits64(${x})` : x;
const fromCore = (want, have, x) => (want === have ? x : have === 'f32' ? `float32((uint32_t)${x})` : have === 'f64' ? `float64(${x})` : `(uint32_t)${x}`);

// Statements that fill the C value `dst` from core expressions.
function lift(type, slots, dst) {
  if (!type) return [];
  if (type.kind === 'string' || type.kind === 'list') return [`${dst} = (${ctype(type)}){(void *)${slots[0]}, ${slots[1]}};`];
  if (type.fields) {
    let at = 0;
    return type.fields.flatMap(([, t], i) => { const n = flatten(t).length; at += n; return lift(t, slots.slice(at - n, at), `${dst}.f${i}`); });
  }
  if (!type.cases) return [`${dst} = (${ctype(type)})${slots[0]};`];
  const joined = flatten(type);
  const arms = type.cases.flatMap(([, t], i) =>
    t ? [`case ${i}:`, ...lift(t, flatten(t).map((core, k) => fromCore(joined[k + 1], core, slots[k + 1])), `${dst}.as.c${i}`), 'break;'] : []);
  return [`${dst}.tag = ${slots[0]};`, ...(arms.length ? [`switch (${dst}.tag) {`, ...arms, '}'] : [])];
}

// Statements that fill core variables from the C value `src`.
function lower(type, src, slots) {
  if (!type) return [];
  const set = (slot, have, x) => `${slot.name} = ${toCore(slot.core, have, x)};`;
  if (type.kind === 'string') return [set(slots[0], 'i32', `(uint32_t)${src}.data`), set(slots[1], 'i32', `${src}.size`)];
  if (type.kind === 'list') return [set(slots[0], 'i32', `(uint32_t)${src}.items`), set(slots[1], 'i32', `${src}.count`)];
  if (type.fields) {
    let at = 0;
    return type.fields.flatMap(([, t], i) => { const n = flatten(t).length; at += n; return lower(t, `${src}.f${i}`, slots.slice(at - n, at)); });
  }
  if (!type.cases) {
    const core = flatten(type)[0];
    return [set(slots[0], core, core[0] === 'i' ? `(${CORE[core]})${src}` : src)]; // signed types extend their sign
  }
  const arms = type.cases.flatMap(([, t], i) => (t ? [`case ${i}:`, ...lower(t, `${src}.as.c${i}`, slots.slice(1)), 'break;'] : []));
  return [set(slots[0], 'i32', `${src}.tag`), ...(arms.length ? [`switch (${src}.tag) {`, ...arms, '}'] : [])];
}

// ---- C: functions ----

const MAX_FLAT_PARAMS = 16;
const spilled = f => f.params.flatMap(([, t]) => flatten(t)).length > MAX_FLAT_PARAMS;
const returnsInMemory = f => f.result && flatten(f.result).length > 1;
const argumentsType = f => ({ kind: 'tuple', fields: f.params.map(([, t], i) => [`${i}`, t]) });
const indent = lines => lines.map(line => `    ${line}`);

function importTwin(f) {
  const flat = spilled(f) ? ['i32'] : f.params.flatMap(([, t]) => flatten(t));
  const params = [...flat.map(core => CORE[core]), ...(returnsInMemory(f) ? ['void *'] : [])];
  const back = f.result && !returnsInMemory(f) ? CORE[flatten(f.result)[0]] : 'void';
  out.push(`__attribute__((import_module("${MODULE('roundtrip')}"), import_name("${f.name}")))`,
    `extern ${back} import_${ident(f.name)}(${params.join(', ') || 'void'});`);
}

function exported(f, module) {
  const twin = !f.shown;
  const fn = ident(f.name);
  const args = argumentsType(f), argsC = f.params.length ? ctype(args) : null;
  const cores = flatten(args), memory = spilled(f), retptr = returnsInMemory(f);
  if (twin) importTwin(f);
  const resultC = f.result && ctype(f.result);
  const back = f.result ? (retptr ? 'void *' : CORE[flatten(f.result)[0]]) : 'void';
  const params = memory ? ['void *spill'] : cores.map((core, i) => `${CORE[core]} p${i}`);
  const lines = [];
  if (argsC) lines.push(`${argsC} v${memory ? ` = *(${argsC} *)spill` : ' = {}'};`, ...(memory ? [] : lift(args, cores.map((_, i) => `p${i}`), 'v')));
  if (!twin) lines.push('shown_begin();', showCall(f.shown, 'v.f0'), 'static struct str result;', 'result = shown_end();', 'return &result;');
  else {
    const slots = cores.map((core, i) => ({ name: `q${i}`, core }));
    if (!memory && slots.length) lines.push(...slots.map(s => `${CORE[s.core]} ${s.name} = 0;`), ...lower(args, 'v', slots));
    const call = `import_${fn}(${[...(memory ? ['(uint32_t)&v'] : slots.map(s => s.name)), ...(retptr ? ['&result'] : [])].join(', ')})`;
    if (retptr) lines.push(`static ${resultC} result;`, `${call};`, 'return &result;');
    else if (f.result) lines.push(`${resultC} result = {};`, `${CORE[flatten(f.result)[0]]} r0 = ${call};`, ...lift(f.result, ['r0'], 'result'),
      ...lower(f.result, 'result', [{ name: 'r0', core: flatten(f.result)[0] }]), 'return r0;');
    else lines.push(`${call};`);
  }
  out.push(`__attribute__((export_name("${MODULE(module)}#${f.name}"))) ${back} ${module}_${fn}(${params.join(', ') || 'void'})`, '{', ...indent(lines), '}');
  const ignored = f.result ? `${back} r` : 'void';
  out.push(`__attribute__((export_name("cabi_post_${MODULE(module)}#${f.name}"))) void post_${module}_${fn}(${ignored}) { ${f.result ? '(void)r; ' : ''}post_return(); }`);
}

if (process.argv[2] === 'wit') process.stdout.write(witText());
else {
  roundtrips.forEach(f => exported(f, 'roundtrip'));
  shows.forEach(f => exported(f, 'show'));
  process.stdout.write(`#include "runtime.h"\n#include "resources.c"\n${out.join('\n')}\n`);
}
