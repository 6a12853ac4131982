import { requirePrograms } from './runtime/programs';
import { sweep } from './runtime/sweep';

/** Says once, before any test, what is missing on this machine, and clears what killed runs left there. */
export default async function preflight(): Promise<void> {
  requirePrograms();
  await sweep();
}
