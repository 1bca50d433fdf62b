/**
 * Reads the pickle of a PyTorch state dict, and nothing else: a pickle is a program, so only the steps that torch.save
 * of named tensors needs are known, and only the names of tensors' own parts. Everything else is refused; nothing is run.
 */
import { named, Pickled, type PickledTensor, PickleError, reduce, storage } from './pickle-values.ts';

const mark = Symbol('mark');

/** The tensors by name. Throws PickleError. */
export function readStateDict(pickle: Buffer): Map<string, PickledTensor> {
  const root = new Reader(pickle).run();
  if (!(root instanceof Map)) throw new PickleError('it holds no dictionary of tensors');
  const tensors = new Map<string, PickledTensor>();
  for (const [name, value] of root) {
    if (typeof name !== 'string') throw new PickleError('a tensor has no name');
    if (value instanceof Pickled) tensors.set(name, value.tensor);
    else if (name !== '_metadata') throw new PickleError(`"${name.slice(0, 100)}" is no tensor`);
  }
  return tensors;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  run(): unknown {
    try {
      for (;;) {
        const code = this.#byte();
        if (code === 0x2e) return this.#pop(); // STOP
        this.#step(code);
      }
    } catch (error) {
      if (error instanceof RangeError) throw new PickleError('it ends too early');
      throw error;
    }
  }

  #byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }
  #uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }
  #text(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new RangeError();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new RangeError();
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }
  #long(length: number): number {
    if (length > 8) throw new PickleError('a number is too large');
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.#byte()) << BigInt(8 * i);
    return Number(BigInt.asIntN(8 * length, value));
  }
  #pop(): unknown {
    if (this.#stack.length === 0) throw new PickleError('it takes what is not there');
    return this.#stack.pop();
  }
  /** What was pushed since the last mark, which goes too. */
  #popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new PickleError('it takes what is not there');
    return this.#stack.splice(at).slice(1);
  }
  #tuple(count: number): void {
    if (this.#stack.length < count) throw new PickleError('it takes what is not there');
    this.#stack.push(this.#stack.splice(this.#stack.length - count));
  }

  #step(code: number): void {
    const stack = this.#stack;
    switch (code) {
      case 0x80: // PROTO
        if (this.#byte() > 5) throw new PickleError('its version is unknown');
        return;
      case 0x95: // FRAME
        this.#at += 8;
        return;
      case 0x28: // MARK
        stack.push(mark);
        return;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        return;
      case 0x74: // TUPLE
        stack.push(this.#popToMark());
        return;
      case 0x85: // TUPLE1
      case 0x86:
      case 0x87:
        this.#tuple(code - 0x84);
        return;
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
      case 0x89:
        stack.push(code === 0x88);
        return;
      case 0x4b: // BININT1
        stack.push(this.#byte());
        return;
      case 0x4d: // BININT2
        stack.push(this.#byte() | (this.#byte() << 8));
        return;
      case 0x4a: // BININT
        stack.push(this.#uint32() | 0);
        return;
      case 0x8a: // LONG1
        stack.push(this.#long(this.#byte()));
        return;
      case 0x58: // BINUNICODE
        stack.push(this.#text(this.#uint32()));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.#text(this.#byte()));
        return;
      case 0x63: // GLOBAL
        stack.push(named(this.#line(), this.#line()));
        return;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        stack.push(named(this.#pop(), name));
        return;
      }
      case 0x71: // BINPUT
        this.#memo.set(this.#byte(), stack.at(-1));
        return;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#uint32(), stack.at(-1));
        return;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, stack.at(-1));
        return;
      case 0x68: // BINGET
        this.#recall(this.#byte());
        return;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#uint32());
        return;
      case 0x51: // BINPERSID
        stack.push(storage(this.#pop()));
        return;
      case 0x52: {
        // REDUCE
        const args = this.#pop();
        stack.push(reduce(this.#pop(), args));
        return;
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        this.#set([this.#pop(), value]);
        return;
      }
      case 0x75: // SETITEMS
        this.#set(this.#popToMark());
        return;
      case 0x62: // BUILD: the attributes of the dictionary (_metadata), which nobody here needs
        this.#pop();
        return;
      default:
        throw new PickleError(`it uses the step 0x${code.toString(16)}, which no state dict needs`);
    }
  }

  #recall(key: number): void {
    if (!this.#memo.has(key)) throw new PickleError('it recalls what it never kept');
    this.#stack.push(this.#memo.get(key));
  }

  #set(pairs: unknown[]): void {
    const into = this.#stack.at(-1);
    if (!(into instanceof Map) || pairs.length % 2 !== 0)
      throw new PickleError('it sets what is no dictionary');
    for (let i = 0; i < pairs.length; i += 2) into.set(pairs[i], pairs[i + 1]);
  }
}
