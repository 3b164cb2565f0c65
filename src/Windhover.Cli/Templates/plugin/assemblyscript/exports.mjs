// AssemblyScript exports functions by their own names; the component model wants those of exports.json.
import { readFileSync } from 'node:fs';
import { Transform } from 'assemblyscript/transform';

export default class extends Transform {
  afterCompile(module) {
    for (const [name, outside] of Object.entries(JSON.parse(readFileSync(new URL('./exports.json', import.meta.url))))) {
      module.addFunctionExport(this.binaryen.getExportInfo(module.getExport(name)).value, outside);
      module.removeExport(name);
    }
  }
}
