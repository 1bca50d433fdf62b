/** Takes ownership and keeps it until it is killed. usage: node own.ts PATH */
import { takeOwnership } from '../../../electron/core/sessions/owner.ts';

const ownership = takeOwnership(process.argv[2] ?? '');
process.send?.(ownership !== null);
setInterval(() => ownership, 1000);
