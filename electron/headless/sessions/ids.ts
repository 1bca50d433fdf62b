/** Ids as a person gives them: by their beginning. */
import type { Contract, Session, Turn } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';

/** As many of an id as are printed. */
export const shortId = (id: string): string => id.slice(0, 8);

/** The one of `ids` that begins with `given`; where none does, `given` itself: core knows of more, and says what is missing. */
export function byBeginning(given: string, ids: readonly string[]): string {
  if (ids.includes(given)) return given;
  const found = ids.filter((id) => id.startsWith(given));
  if (found.length <= 1) return found[0] ?? given;
  throw new AppError(
    'bad-request',
    `"${given}" is the beginning of ${found.length} ids.`,
    `Give more of it, as in ${found[0]?.slice(0, given.length + 4)}.`,
  );
}

export async function sessionId(rpc: Client<Contract>, given: string): Promise<string> {
  const { sessions } = await rpc.call('sessions.list', {});
  return byBeginning(
    given,
    sessions.map(({ id }) => id),
  );
}

export const openSession = async (rpc: Client<Contract>, given: string): Promise<Session> =>
  rpc.call('sessions.get', { session: await sessionId(rpc, given) });

/** Of the active branch and of those that leave it; `last`, or nothing: the last of the active branch that `fits`. */
export function turnId(
  { turns }: Session,
  given: string | undefined,
  fits: (turn: Turn) => boolean = () => true,
): string {
  if (given !== undefined && given !== 'last') {
    return byBeginning(given, [...new Set(turns.flatMap(({ id, siblings }) => [id, ...siblings]))]);
  }
  const last = turns.findLast(fits);
  if (last) return last.id;
  throw new AppError('turn-not-found', 'The session has no such turn yet.', 'Send something first.');
}
