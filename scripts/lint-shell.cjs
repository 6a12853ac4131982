// Has shellcheck look at the shell scripts of the project: those of `lib` as they ship, with their parts in them.
const { execFileSync, spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { textOf } = require('./text-of.cjs');

const lines = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n');

/** A file without a first line for a shell is part of another one. `npm run docker-driver` prints its whole script. */
const isScript = (file) =>
  readFileSync(file, 'utf8').startsWith('#!') && file !== 'lib/host/docker-driver.sh';

let failed = false;

function check(name, input, ...args) {
  const { status, error, stdout } = spawnSync('shellcheck', args, { input, encoding: 'utf8' });
  if (error) {
    console.error('lint:shell needs shellcheck: apt-get install shellcheck');
    process.exit(1);
  }
  if (status === 0) return;
  failed = true;
  console.error(`${name}:\n${stdout}`);
}

const files = lines('git', 'ls-files', '*.sh', '.ci');
const shipped = files.filter((file) => file.startsWith('lib/'));
const others = files.filter((file) => !file.startsWith('lib/'));
check('scripts of the repository', undefined, ...others);
// A script need not call all functions of its parts.
for (const file of shipped.filter(isScript)) {
  check(`${file}, with its parts`, textOf(file), '--exclude=SC2317', '-');
}
const driver = [
  'scripts/run.cjs',
  'main.ts',
  'docker-driver',
  '--host',
  'logs.example.com',
  '--cluster',
  'north',
];
const script = execFileSync(process.execPath, driver, { encoding: 'utf8' });
check('npm run docker-driver', script, '--norc', '--severity=warning', '-');
process.exitCode = failed ? 1 : 0;
