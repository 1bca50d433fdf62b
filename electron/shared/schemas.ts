/** What params must look like, by method of the contract: the interface is not trusted. */
import * as v from 'valibot';
import type { Contract } from './contract.ts';
import { AppError } from './errors.ts';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
const text = v.pipe(v.string(), v.maxLength(10_000_000));
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

type Methods = keyof Contract['calls'] | keyof Contract['streams'];

const schemas: Record<Methods, v.GenericSchema> = {
  'app.info': none,
  'engine.status': none,
  'models.list': none,
  'models.load': v.strictObject({ id }),
  'sessions.create': v.strictObject({ system: v.nullable(text) }),
  'sessions.get': v.strictObject({ session: id }),
  'sessions.close': v.strictObject({ session: id }),
  'metrics.latest': none,
  'shell.openExternal': v.strictObject({ url: v.pipe(v.string(), v.maxLength(4096)) }),
  'shell.theme': v.strictObject({ theme: v.picklist(['system', 'light', 'dark']) }),
  'sessions.send': v.strictObject({ session: id, text, sampling: v.optional(samplingSchema) }),
  'sessions.retry': v.strictObject({ session: id, sampling: v.optional(samplingSchema) }),
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
