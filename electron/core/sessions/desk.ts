/** What the calls on sessions work with. */
import type { Rates } from '../metrics.ts';
import type { Found } from './found.ts';
import type { Hot } from './hot.ts';
import type { Keeping } from './keeping.ts';
import type { ModelOfSession } from './model-of-session.ts';
import type { States } from './states.ts';
import type { KeptStorage } from './storage.ts';
import type { Titles } from './titles.ts';
import type { UnderWay } from './under-way.ts';
import type { View } from './view.ts';

export interface Desk {
  readonly storage: KeptStorage;
  readonly models: ModelOfSession;
  readonly hot: Hot;
  readonly keeping: Keeping;
  readonly states: States;
  readonly underWay: UnderWay;
  readonly titles: Titles;
  readonly view: View;
  readonly rates: Rates;
  find(session: string, deleted?: boolean): Found;
  /** Tells the pages that it looks different in the list, or is not there any more. */
  changed(session: string): void;
  gone(session: string): void;
}
