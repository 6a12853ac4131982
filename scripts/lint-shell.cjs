// Checks the shell scripts of the project with shellcheck. Scripts of `lib` are checked as they ship, together with the
// parts that they include.
const { execFileSync, spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { textOf } = require('./text-of.cjs');

const outputLines = (command, ...args) =>
  execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n');

/**
 * Returns whether a file is a script of its own: a file that starts with `#!`. Other files are parts of scripts.
 * `docker-driver.sh` is left out, because `npm run docker-driver` prints the whole script, which is checked below.
 */
const isScript = (file) =>
  readFileSync(file, 'utf8').startsWith('#!') && file !== 'lib/host/docker-driver.sh';

let failed = false;

function checkScript(name, input, ...args) {
  const { status, error, stdout } = spawnSync('shellcheck', args, { input, encoding: 'utf8' });
  if (error) {
    console.error('npm run lint:shell needs the program shellcheck: run apt-get install shellcheck');
    process.exit(1);
  }
  if (status === 0) return;
  failed = true;
  console.error(`${name}:\n${stdout}`);
}

const files = outputLines('git', 'ls-files', '*.sh', '.ci');
const shipped = files.filter((file) => file.startsWith('lib/'));
const others = files.filter((file) => !file.startsWith('lib/'));
checkScript('scripts of the repository', undefined, ...others);
// SC2317 (unreachable code) is excluded, because a script need not call all functions of its parts.
for (const file of shipped.filter(isScript)) {
  checkScript(`${file}, with its parts`, textOf(file), '--exclude=SC2317', '-');
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
checkScript('npm run docker-driver', script, '--norc', '--severity=warning', '-');
process.exitCode = failed ? 1 : 0;
