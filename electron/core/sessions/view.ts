/** What a session looks like from outside at this moment. */
import type { Session, SessionSummary } from '../../shared/contract.ts';
import type { Found } from './found.ts';
import type { Hot } from './hot.ts';
import { fingerprintSetting, type ModelOfSession } from './model-of-session.ts';
import { type Known, openedSession, summaryOf } from './opened.ts';
import { standing, targetOf } from './planning.ts';
import type { PointHead, TurnRow } from './rows.ts';
import { pathTo } from './tree.ts';
import type { UnderWay } from './under-way.ts';

export interface View {
  opened(found: Found): Session;
  summary(found: Found): SessionSummary;
}

export function createView(models: ModelOfSession, hot: Hot, underWay: UnderWay): View {
  const live = ({ shelf, row }: Found) => ({
    ephemeral: shelf.states === null,
    writing: underWay.turn(row.id),
  });

  function known(found: Found, path: readonly TurnRow[]): Known {
    const { shelf, row } = found;
    const ready = models.now(found);
    // Of a model that is not loaded the text cannot be compared: its points are believed.
    const model = ready?.fingerprint ?? shelf.store.setting(fingerprintSetting(row.model ?? ''));
    if (model === null || path.length === 0) return { points: [], kept: () => false };
    const files = new Set(shelf.store.checkpoints(row.id, model).map(({ turn }) => turn));
    const onPath = new Set(path.map(({ id }) => id));
    const points = shelf.store.points(row.id, model).filter(({ turn }) => onPath.has(turn));
    const kept = (point: PointHead) => files.has(point.turn) || (ready !== null && hot.has(ready, point));
    if (!ready?.tokenizer.hasTemplate || underWay.turn(row.id)) return { points, kept };
    return { points: standing(targetOf(ready.tokenizer, models.system(found), path).text, points), kept };
  }

  return {
    opened(found) {
      const turns = found.shelf.store.turns(found.row.id);
      const path = pathTo(turns, found.row.leaf);
      return openedSession(found.row, turns, path, known(found, path), live(found));
    },
    summary: (found) => summaryOf(found.row, live(found)),
  };
}
