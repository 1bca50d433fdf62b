/** The Compare page over a double of core, as a user sees it, and runs whose items come as a test wants them. */
import type { CompareItem, Contract, NetworkState } from '../../electron/shared/contract.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { pair, runOf } from './compare-shapes.ts';
import { setStage, until } from './stage.ts';

export const network: NetworkState = {
  ...{ offline: false, hub: '', hasToken: false, requests: 0, receivedBytes: 0, active: 0 },
};

const base: Partial<Handlers<Contract>> = {
  'compare.pairs': async () => [pair],
  'compare.runs': async () => [],
  'models.list': async () => [],
  'models.tasks': async () => [],
  'models.catalogue': async () => [],
  'network.state': async () => network,
};

/** Registers the hooks of the file that calls it. */
export function comparePage() {
  const stage = setStage();

  async function open(handlers: Partial<Handlers<Contract>> = {}) {
    const double = await stage.show({ ...base, ...handlers });
    await stage.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await stage.page.keyboard.press('Control+3');
    await stage.page.getByRole('heading', { name: 'Compare', exact: true }).waitFor();
    return double;
  }
  const main = () => stage.page.getByRole('main');
  const plot = (title: string) => main().getByRole('figure', { name: title, exact: true });
  return {
    ...{ stage, open, main, plot },
    button: (name: string) => main().getByRole('button', { name, exact: true }),
    /** What a plot says of the place that is chosen in it. */
    said: (title: string) => plot(title).getByRole('slider').getAttribute('aria-valuetext'),
    /** The points of its lines, those of a Llamba or those of a Llama. */
    dots: (title: string, shape: 'circle' | 'rect' = 'circle') =>
      plot(title).locator(`[role="slider"] ${shape}`),
  };
}

/** A run whose items come as the test wants them; it ends with `runOf('new')`, cancelled or not. */
export function running(
  onRequest: (params: Contract['streams']['compare.run']['params']) => void = () => undefined,
) {
  let emit: (item: CompareItem) => void = () => undefined;
  let end: () => void = () => undefined;
  const begun = Promise.withResolvers<void>();
  const handlers: Partial<Handlers<Contract>> = {
    'compare.run': async (params, context) => {
      onRequest(params);
      emit = context.emit;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      begun.resolve();
      await Promise.race([ended, until(context.signal)]);
      return runOf('new', context.signal.aborted ? { phase: 'cancelled' } : {});
    },
  };
  return { handlers, begun: begun.promise, emit: (item: CompareItem) => emit(item), end: () => end() };
}
