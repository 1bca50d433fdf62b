/** What params must look like, by method of the contract: the interface is not trusted. */
import * as v from 'valibot';
import { mostAttached } from './attachments.ts';
import type { Contract } from './contract.ts';
import { summaryLengths, summaryStyles } from './documents.ts';
import { AppError } from './errors.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
/** Of a message or a system line, in UTF-16 units. */
export const longestText = 10_000_000;
const text = v.pipe(v.string(), v.maxLength(longestText));
/** Of what a person names: shown in one line. */
const name = v.pipe(v.string(), v.maxLength(300));
const none = v.strictObject({});

export const samplingSchema = v.partial(
  v.strictObject({
    temperature: v.pipe(v.number(), v.minValue(0), v.maxValue(10)),
    topK: v.pipe(v.number(), v.integer(), v.minValue(0)),
    topP: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
    minP: v.pipe(v.number(), v.minValue(0), v.ltValue(1)),
    repetitionPenalty: v.pipe(v.number(), v.minValue(0.1), v.maxValue(10)),
    maxTokens: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000)),
    seed: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
    stop: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(200))), v.maxLength(16)),
  }),
);

const session = v.strictObject({ session: id });
const turn = v.strictObject({ session: id, turn: id });
const reply = v.strictObject({ session: id, turn: id, sampling: v.optional(samplingSchema) });
const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const conversion = v.strictObject({
  bits: v.picklist([4, 8]),
  groupSize: v.picklist([32, 64, 128]),
  embedding: v.picklist([4, 8, 16]),
});
const document = v.strictObject({ document: id });
const question = v.pipe(v.string(), v.maxLength(10_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const twoModels = v.pipe(v.array(id), v.minLength(1), v.maxLength(2));
/** Valibot's own way to know it overflows the stack at this length. */
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** 8 MiB in base64. */
const pieceChars = (4 * 8 * 2 ** 20) / 3 + 4;

type Methods = keyof Contract['calls'] | keyof Contract['streams'];

const schemas: Record<Methods, v.GenericSchema> = {
  'app.info': none,
  'engine.status': none,
  'models.list': none,
  'models.load': v.strictObject({ id }),
  'models.catalogue': none,
  'models.tasks': none,
  'models.download': v.strictObject({ model: id }),
  'models.recognise': v.strictObject({ path }),
  'models.import': v.strictObject({ path, conversion: v.optional(conversion) }),
  'models.addTwin': none,
  'models.verify': v.strictObject({ id }),
  'models.freed': v.strictObject({ id }),
  'models.remove': v.strictObject({ id }),
  'tasks.pause': v.strictObject({ task: id }),
  'tasks.resume': v.strictObject({ task: id }),
  'tasks.cancel': v.strictObject({ task: id }),
  'network.state': none,
  'network.ledger': v.strictObject({
    before: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  }),
  'network.offline': v.strictObject({ offline: v.boolean() }),
  'network.hub': v.strictObject({ address: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)) }),
  'network.token': v.strictObject({ token: v.nullable(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,500}$/))) }),
  'shell.chooseModel': none,
  'sessions.list': none,
  'sessions.create': v.strictObject({
    system: v.nullable(text),
    ephemeral: v.optional(v.boolean()),
    folder: v.optional(v.nullable(id)),
    preset: v.optional(v.nullable(name)),
  }),
  'sessions.get': session,
  'sessions.change': v.strictObject({
    session: id,
    change: v.partial(
      v.strictObject({
        title: name,
        folder: v.nullable(id),
        pinned: v.boolean(),
        archived: v.boolean(),
        system: v.nullable(text),
        sampling: samplingSchema,
        preset: v.nullable(name),
        model: v.nullable(id),
        draft: text,
      }),
    ),
  }),
  'sessions.delete': session,
  'sessions.restore': session,
  'sessions.duplicate': session,
  'sessions.fork': turn,
  'sessions.search': v.strictObject({
    query: v.pipe(v.string(), v.maxLength(1000)),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
  }),
  'turns.select': turn,
  'turns.edit': v.strictObject({ session: id, turn: id, text }),
  'turns.delete': turn,
  'turns.restore': turn,
  'folders.save': v.strictObject({ id: v.nullable(id), name }),
  'folders.remove': v.strictObject({ id }),
  'presets.save': v.strictObject({ name, system: v.nullable(text), sampling: samplingSchema }),
  'presets.remove': v.strictObject({ name }),
  'drafts.save': v.strictObject({ text }),
  'storage.get': none,
  'storage.budget': v.strictObject({
    bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
  }),
  'imports.begin': v.strictObject({ name }),
  'imports.add': v.strictObject({
    import: id,
    data: v.pipe(v.string(), v.maxLength(pieceChars), v.regex(base64)),
  }),
  'imports.cancel': v.strictObject({ import: id }),
  'imports.finish': v.strictObject({ import: id }),
  'documents.list': none,
  'documents.add': v.union([v.strictObject({ path }), v.strictObject({ import: id })]),
  'documents.remove': document,
  'documents.pages': v.pipe(
    v.strictObject({ document: id, first: count, last: count }),
    v.check(
      ({ first, last }) => first >= 1 && last >= first && last - first < 50,
      'first to last: 50 pages at most',
    ),
  ),
  'documents.read': document,
  'documents.pause': document,
  'documents.summaries': document,
  'documents.removeSummary': v.strictObject({ summary: id }),
  'documents.budget': v.strictObject({ bytes: count }),
  'documents.summarize': v.strictObject({
    document: id,
    style: v.picklist(summaryStyles),
    length: v.picklist(summaryLengths),
    focus: v.pipe(v.string(), v.maxLength(1000)),
    careful: v.boolean(),
    language: name,
  }),
  'documents.ask': v.strictObject({
    documents: v.nullable(v.pipe(v.array(id), v.maxLength(1000))),
    question,
    thread: v.optional(v.pipe(v.array(v.strictObject({ question, answer: question })), v.maxLength(20))),
  }),
  'recall.latest': none,
  'recall.run': none,
  'compare.pairs': none,
  'compare.runs': none,
  'compare.remove': v.strictObject({ run: id }),
  'compare.run': v.strictObject({
    models: twoModels,
    contexts: v.pipe(v.array(v.pipe(count, v.maxValue(2 ** 20))), v.maxLength(64)),
    batches: v.pipe(v.array(v.pipe(count, v.minValue(1), v.maxValue(4096))), v.maxLength(32)),
    repeats: v.pipe(count, v.minValue(1), v.maxValue(100)),
  }),
  'compare.side': v.strictObject({
    models: twoModels,
    prompt: text,
    maxTokens: v.pipe(count, v.minValue(1), v.maxValue(4096)),
  }),
  'metrics.latest': none,
  'shell.openExternal': v.strictObject({ url: v.pipe(v.string(), v.maxLength(4096)) }),
  'shell.theme': v.strictObject({ theme: v.picklist(['system', 'light', 'dark']) }),
  'sessions.send': v.strictObject({
    session: id,
    text,
    documents: v.optional(v.pipe(v.array(id), v.maxLength(mostAttached))),
    parent: v.optional(v.nullable(id)),
    sampling: v.optional(samplingSchema),
  }),
  'turns.reply': reply,
  'turns.continue': reply,
  'sessions.prepare': session,
  'sessions.export': v.strictObject({ session: id, format: v.picklist(['markdown', 'json', 'llamba']) }),
};

/** The params of `method` when they are well formed; else throws `bad-request` with the first thing that is wrong. */
export function checkParams(method: string, params: unknown): unknown {
  if (!Object.hasOwn(schemas, method)) return params;
  const result = v.safeParse(schemas[method as Methods], params);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new AppError(
    'bad-request',
    `${method}: ${where ? `${where}: ` : ''}${issue.message}`,
    'This is a fault of whoever made the call.',
  );
}
