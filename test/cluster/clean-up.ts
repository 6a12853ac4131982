import { cleanUp } from './cluster';
import { refuseOtherClusters } from './preflight';

// A separate program: run.ts starts it in its own process group, so that Ctrl-C in the terminal does not end its
// commands.
refuseOtherClusters([])
  .then(cleanUp)
  .catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
