/** The calls of the contract that are about models from outside. */
import type { Contract } from '../../shared/contract.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Models } from './service.ts';
import type { ModelTools } from './tools.ts';

type Calls = Handlers<Pick<Contract, 'calls'>>;
type ModelCalls = Pick<
  Calls,
  | 'models.catalogue'
  | 'models.tasks'
  | 'models.download'
  | 'models.recognise'
  | 'models.import'
  | 'models.addTwin'
  | 'models.verify'
  | 'models.freed'
  | 'models.remove'
  | 'tasks.pause'
  | 'tasks.resume'
  | 'tasks.cancel'
>;

export function modelCalls(models: Models, tools: Pick<ModelTools, 'recognise'>): ModelCalls {
  return {
    'models.catalogue': () => models.cards(),
    'models.tasks': async () => {
      await models.ready;
      return models.tasks.list();
    },
    'models.download': ({ model }) => models.download(model),
    'models.recognise': ({ path }) => tools.recognise(path),
    'models.import': ({ path, conversion }) => models.importModel(path, conversion),
    'models.addTwin': () => models.addTwin(),
    'models.verify': ({ id }) => models.verify(id),
    'models.freed': ({ id }) => models.freed(id),
    'models.remove': ({ id }) => models.remove(id),
    'tasks.pause': ({ task }) => models.tasks.pause(task),
    'tasks.resume': async ({ task }) => models.tasks.resume(task),
    'tasks.cancel': async ({ task }) => {
      await models.tasks.cancel(task);
      return {};
    },
  };
}
