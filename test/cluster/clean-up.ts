import { cleanUp } from './cluster';
import { refuseOtherClusters } from './preflight';

// A program of its own: run.ts starts it in another process group than the terminal's, so that Ctrl-C ends none of its commands.
refuseOtherClusters([])
  .then(cleanUp)
  .catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
