/** XML read as a stream of elements. No document type is ever obeyed: entities of a file's own stay as they are written. */
import { Parser } from 'htmlparser2';
import { decodeMarkup } from './html.ts';

export interface XmlHandlers {
  /** Names without their prefix: producers choose those freely. Attributes too. */
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
}

export function readXml(bytes: Uint8Array, { open, close, text }: XmlHandlers): void {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => open?.(local(name), localAll(attributes)),
      onclosetag: (name) => close?.(local(name)),
      ontext: (piece) => text?.(piece),
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(decodeMarkup(bytes));
}

const local = (name: string) => name.slice(name.indexOf(':') + 1);

function localAll(attributes: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(attributes)) found[local(name)] ??= value;
  return found;
}
