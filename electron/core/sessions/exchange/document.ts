/**
 * A session with its whole tree as JSON. It stands by itself: what a preset said is written out, and where it was kept
 * (folder, pin, draft) stays behind. Read with suspicion, for it may come from anywhere.
 */
import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { errorCodes } from '../../../shared/errors.ts';
import { samplingSchema } from '../../../shared/schemas.ts';
import type { Preset } from '../../../shared/sessions.ts';
import type { SessionRow, TurnRow } from '../rows.ts';
import { invalid } from './invalid.ts';

const format = 'llamba-session';
const version = 1;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const text = v.pipe(v.string(), v.maxLength(100_000_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const measured = v.pipe(v.number(), v.finite(), v.minValue(0));

const turnSchema = v.strictObject({
  id,
  parent: v.nullable(id),
  role: v.picklist(['user', 'assistant']),
  text,
  status: v.picklist(['whole', 'cut']),
  edited: v.boolean(),
  sampling: v.nullable(v.required(samplingSchema)),
  model: v.nullable(id),
  stats: v.nullable(
    v.strictObject({
      stopReason: v.picklist(['stop', 'length', 'cancelled']),
      promptTokens: count,
      generatedTokens: count,
      ttftMs: measured,
      prefillTokensPerSecond: v.nullable(measured),
      decodeTokensPerSecond: v.nullable(measured),
      stateBytes: count,
      stateTokens: count,
    }),
  ),
  error: v.nullable(v.strictObject({ code: v.picklist(errorCodes), message: text, hint: text })),
  createdAt: count,
});

const documentSchema = v.strictObject({
  format: v.literal(format),
  version: v.literal(version),
  title: v.pipe(v.string(), v.maxLength(1000)),
  titledBy: v.picklist(['nobody', 'model', 'user']),
  model: v.nullable(id),
  system: v.nullable(text),
  sampling: samplingSchema,
  leaf: v.nullable(id),
  createdAt: count,
  /** Oldest first: a turn comes after its parent. */
  turns: v.array(turnSchema),
});

export type SessionDocument = v.InferOutput<typeof documentSchema>;

export function documentOf(
  row: SessionRow,
  turns: readonly TurnRow[],
  preset: Preset | undefined,
): SessionDocument {
  const { title, titledBy, model, leaf, createdAt } = row;
  return {
    format,
    version,
    title,
    titledBy,
    model,
    system: row.system ?? preset?.system ?? null,
    sampling: { ...preset?.sampling, ...row.sampling } as SessionDocument['sampling'],
    leaf: turns.some(({ id }) => id === leaf) ? leaf : (turns.at(-1)?.id ?? null),
    createdAt,
    turns: turns.map(({ session: _, deletedAt: __, status, ...turn }) => ({
      ...turn,
      status: status === 'whole' ? 'whole' : 'cut',
    })) as SessionDocument['turns'],
  };
}

export const documentText = (document: SessionDocument): string => `${JSON.stringify(document, null, 2)}\n`;

/** Throws `file-invalid` with the first thing that is wrong. */
export function readDocument(text: string): SessionDocument {
  const document = checked(documentSchema, text, format, version);
  const roles = new Map<string, TurnRow['role']>();
  for (const { id, parent, role } of document.turns) {
    if (roles.has(id)) throw invalid(`there are two turns ${id}`);
    const above = parent === null ? 'assistant' : roles.get(parent);
    if (above === undefined) throw invalid(`turn ${id} comes before what it hangs below`);
    // A user's turn may hang below another: its reply was deleted.
    if (role === 'assistant' && above !== 'user') throw invalid(`the reply ${id} answers nothing`);
    roles.set(id, role);
  }
  if (document.leaf !== null && !roles.has(document.leaf)) throw invalid('its last turn is missing');
  return document;
}

/** JSON of a format and version of ours, as its schema says. */
export function checked<T>(
  schema: v.GenericSchema<unknown, T>,
  text: string,
  format: string,
  version: number,
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is no JSON');
  }
  const head = v.safeParse(v.object({ format: v.literal(format), version: v.number() }), value);
  if (!head.success) throw invalid('it is no session of Llamba');
  if (head.output.version > version) throw invalid('it was written by a newer version of Llamba');
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`${v.getDotPath(issue) ?? 'all of it'}: ${issue.message}`);
}

export interface NewRows {
  readonly session: SessionRow;
  readonly turns: readonly TurnRow[];
  /** The new id of each turn, by the one in the file. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Rows under new ids, so that a session can be imported next to itself. */
export function rowsOf(document: SessionDocument, now = Date.now()): NewRows {
  const { title, titledBy, model, system, sampling, leaf, createdAt } = document;
  const session = randomUUID();
  const ids = new Map(document.turns.map(({ id }) => [id, randomUUID() as string]));
  const idOf = (id: string | null) => (id === null ? null : (ids.get(id) ?? null));
  return {
    session: {
      id: session,
      title,
      titledBy,
      folder: null,
      pinned: false,
      archived: false,
      model,
      system,
      sampling: sampling as SessionRow['sampling'],
      preset: null,
      draft: '',
      leaf: idOf(leaf),
      createdAt,
      updatedAt: now,
      deletedAt: null,
    },
    turns: document.turns.map((turn) => ({
      ...turn,
      id: idOf(turn.id) as string,
      session,
      parent: idOf(turn.parent),
      sampling: turn.sampling as TurnRow['sampling'],
      deletedAt: null,
    })),
    ids,
  };
}
