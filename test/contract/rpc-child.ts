/** The serving end of the RPC tests in a process of its own. */
import { serve } from '../../electron/shared/rpc.ts';
import { type Abc, abc } from './rpc-handlers.ts';

serve<Abc>(
  {
    post: (frame) => void process.send?.(frame),
    onFrame: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  },
  abc(),
);
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
