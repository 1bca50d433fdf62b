/** Calls that take time from the machine: none of them runs while models are compared, and no comparison while one does. */
import type { CoreCalls } from './core.ts';

const working = [
  'models.load',
  'models.download',
  'models.import',
  'models.addTwin',
  'models.verify',
  'tasks.resume',
  'sessions.send',
  'turns.reply',
  'turns.continue',
  'sessions.prepare',
  'documents.add',
  'documents.read',
  'documents.summarize',
  'documents.ask',
  'recall.run',
] as const satisfies (keyof CoreCalls)[];

type Handler = (params: unknown, context: unknown) => Promise<unknown>;

/** `refuse` throws while none of them may begin. */
export function createAtWork(refuse: () => void) {
  let count = 0;
  const countedCall =
    (handler: Handler): Handler =>
    async (params, context) => {
      refuse();
      count += 1;
      try {
        return await handler(params, context);
      } finally {
        count -= 1;
      }
    };
  return {
    busy: () => count > 0,
    counted: (calls: CoreCalls): CoreCalls => ({
      ...calls,
      ...Object.fromEntries(working.map((name) => [name, countedCall(calls[name] as Handler)])),
    }),
  };
}
