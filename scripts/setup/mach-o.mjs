/** Reads as much of a 64-bit Mach-O file as tells where its imported symbols come from. */
import { Failure } from './failure.mjs';

const magic = 0xfeedfacf;
const arm64 = 0x0100000c;
const symbolTable = 0x2;
const dylibLoads = new Set([0xc, 0x80000018, 0x8000001f]); // load, weak, re-export
const specialOrdinals = { 0: 'this file', 254: 'looked up when loaded', 255: 'the executable' };

function loadCommands(file) {
  const commands = [];
  for (let i = 0, offset = 32; i < file.readUInt32LE(16); i++) {
    commands.push({ kind: file.readUInt32LE(offset), offset });
    offset += file.readUInt32LE(offset + 4);
  }
  return commands;
}

const text = (file, offset) => file.toString('latin1', offset, file.indexOf(0, offset));

/** { name, library } of every undefined external symbol of an arm64 file. */
export function unresolvedSymbols(file) {
  if (file.readUInt32LE(0) !== magic || file.readUInt32LE(4) !== arm64) {
    throw new Failure('The linker did not make an arm64 macOS file.');
  }
  const commands = loadCommands(file);
  const libraries = commands
    .filter(({ kind }) => dylibLoads.has(kind))
    .map(({ offset }) => text(file, offset + file.readUInt32LE(offset + 8)));
  const table = commands.find(({ kind }) => kind === symbolTable);
  const [start, count, strings] = [8, 12, 16].map((at) => file.readUInt32LE(table.offset + at));
  const symbols = [];
  for (let i = 0; i < count; i++) {
    const entry = start + 16 * i;
    const type = file[entry + 4];
    // External (1), undefined (type bits 0), not a debugging entry (top three bits).
    if ((type & 0xef) !== 1) continue;
    const ordinal = file.readUInt16LE(entry + 6) >> 8;
    symbols.push({
      name: text(file, strings + file.readUInt32LE(entry)),
      library: specialOrdinals[ordinal] ?? libraries[ordinal - 1] ?? `library ${ordinal}`,
    });
  }
  return symbols;
}
