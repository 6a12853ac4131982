import { requirePrograms } from '../runtime/programs';
import { sweep } from '../runtime/sweep';
import { examplesFolder } from '../stacks/examples-folder';

/** Reports missing programs once before all tests, cleans up after killed runs, and synthesizes the examples. */
export default async function preflight(): Promise<void> {
  requirePrograms();
  await sweep();
  examplesFolder();
}
