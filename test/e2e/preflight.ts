import { requirePrograms } from '../runtime/programs';
import { sweep } from '../runtime/sweep';
import { examplesFolder } from '../stacks/examples-folder';

/** Says once, before any test, what is missing on this machine, clears what killed runs left there, and synthesizes the examples. */
export default async function preflight(): Promise<void> {
  requirePrograms();
  await sweep();
  examplesFolder();
}
