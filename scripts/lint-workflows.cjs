// Checks the shell scripts in .github/workflows with shellcheck, as bash scripts, because GitHub runs them with bash.
const { spawnSync } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { parse } = require('yaml');

const folder = '.github/workflows';
let failed = 0;
for (const file of readdirSync(folder)) {
  const { jobs } = parse(readFileSync(`${folder}/${file}`, 'utf8'));
  // A job that calls another workflow has no steps.
  for (const [job, { steps = [] }] of Object.entries(jobs)) {
    for (const [index, { run }] of steps.entries()) {
      if (!run) continue;
      const { stdout, status } = spawnSync('shellcheck', ['--shell=bash', '-'], {
        input: run,
        encoding: 'utf8',
      });
      if (status === 0) continue;
      failed += 1;
      console.error(`${folder}/${file}: step ${index + 1} of job ${job}:\n${stdout}`);
    }
  }
}
process.exitCode = failed ? 1 : 0;
