/** The calls that take a session out of the app, and into it: files in pieces, base64. */
import type { Contract } from '../../shared/contract.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { cancelled } from '../aborting.ts';
import type { Desk } from './desk.ts';
import { exportName, exportSession, importSession } from './exchange.ts';
import type { Incoming } from './incoming.ts';

type Calls = Pick<
  Handlers<Contract>,
  'sessions.export' | 'imports.begin' | 'imports.add' | 'imports.cancel' | 'imports.finish'
>;

export function importCalls({ storage, keeping, find, view, changed }: Desk, incoming: Incoming): Calls {
  return {
    'sessions.export': async ({ session, format }, { emit, signal }) => {
      await keeping.settled(); // checkpoints on their way go along
      const { shelf, row } = find(session);
      let bytes = 0;
      for await (const piece of exportSession(shelf, row, format)) {
        if (signal.aborted) throw cancelled();
        bytes += piece.byteLength;
        emit({ data: Buffer.from(piece).toString('base64') });
      }
      return { name: exportName(row, format), bytes };
    },
    'imports.begin': async ({ name }) => ({ import: incoming.begin(name) }),
    'imports.add': async ({ import: id, data }) => {
      await incoming.add(id, Buffer.from(data, 'base64'));
      return {};
    },
    'imports.cancel': async ({ import: id }) => {
      await incoming.cancel(id);
      return {};
    },
    'imports.finish': async ({ import: id }) => {
      const arrived = await incoming.take(id);
      try {
        const session = await importSession(storage.main(), arrived.read());
        keeping.thin();
        changed(session);
        return view.opened(find(session));
      } finally {
        await arrived.remove();
      }
    },
  };
}
