import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, program, run, tryRun } from '../runtime/programs';

const OLD = 'grafana/loki-docker-driver:3.5.0-amd64';
const PLUGIN = 'grafana/loki-docker-driver:3.6.0-amd64';
const INSTALL = `docker plugin install ${PLUGIN} --alias loki --grant-all-permissions LOG_LEVEL=warn`;
const RESTART = 'systemctl restart docker';
const PLACE = 'logs.example.com/loki/api/v1/push';
const PUSH = `${PLACE}?client=docker-driver`;
const PASSWORD = '@:/%"\\ ä\'$(x)';
const ENCODED = '%40%3A%2F%25%22%5C%20%C3%A4%27%24%28x%29';

/** Settings around the logging of the reference node that a careless tool would break. */
const HEAD = `{
    "exec-opts": ["native.cgroupdriver=systemd"],`;
const LOGGING = `
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": 3, "compress": "true", "labels": "app" },`;
const TAIL = `
    "storage-driver": "overlay2",
    "storage-opts": [ "overlay2.override_kernel_check=true" ],
    "runtimes": {"a}": {"runtimeArgs": ["\\"log-opts\\": {", "\\u00e9ü\\\\", "}],"], "log-driver": null}},
    "debug":false , "max-concurrent-downloads" : 1.5e1
}
`;

const TOOLS = 'awk cat cmp find grep id mkdir mv od readlink rm sed sleep sync touch tr'.split(' ');

/** Records its arguments and environment; fails on request. */
const RECORDER = `#!/bin/sh
name=\${0##*/}
printf '%s\\n' "$name $*" >>"$FAKES/calls"
/bin/cat /proc/$$/environ >>"$FAKES/environment"
if [ -e "$FAKES/fail-$name" ] || [ -e "$FAKES/fail-$name-$2" ]; then
  echo "$name is told to fail" >&2
  exit 1
fi
`;

/** Knows one plugin, and is as strict about it as Docker. */
const DOCKER = `${RECORDER}
plugin=$FAKES/plugin
must_be() { /bin/grep -q " $1$" "$plugin" || { echo "the plugin must be $1" >&2; exit 1; }; }
named() { case $1 in *.*/*) echo "$1" ;; *) echo "docker.io/$1" ;; esac; }
reference() { /usr/bin/cut -d ' ' -f 1 "$plugin"; }
case "$1 $2" in
  'plugin inspect') /bin/cat "$plugin" 2>/dev/null || { echo "no such plugin" >&2; exit 1; } ;;
  'plugin install') [ ! -e "$plugin" ] || exit 1; echo "$(named "$3") true" >"$plugin"; echo Pulling ;;
  'plugin disable') must_be true; echo "$(reference) false" >"$plugin" ;;
  'plugin upgrade') must_be false; echo "$(named "$4") false" >"$plugin" ;;
  'plugin set') must_be false ;;
  'plugin enable') must_be false; echo "$(reference) true" >"$plugin" ;;
  'version --format') echo 28.5.2 ;;
  'info --format') case $3 in *LoggingDriver*) /bin/cat "$FAKES/driver" ;; esac ;;
esac
`;

/** Supports one unit, whose restart has Docker read its file; the unit's properties are in a file, if any. */
const SYSTEMCTL = `${RECORDER}
case $1 in
  show) /bin/grep "^\${2#--property=}=" "$FAKES/unit" 2>/dev/null; exit 0 ;;
  restart) ;;
  *) exit 0 ;;
esac
/bin/sleep 0.01
echo 1 >"$ROOT/run/docker.pid"
file=$(/bin/cat "$FAKES/config-file" 2>/dev/null || echo "$ROOT/etc/docker/daemon.json")
driver=$(/bin/grep -o '"log-driver": *"[^"]*"' "$file" 2>/dev/null | /usr/bin/cut -d '"' -f 4)
[ -e "$FAKES/deaf" ] || echo "\${driver:-json-file}" >"$FAKES/driver"
`;

const UNAME = `${RECORDER}
case $1 in -m) /bin/cat "$FAKES/machine" ;; -n) echo Edge-1 ;; esac
`;

/** As newer releases of Docker: refuses a configuration that holds the word "unknown-directive". */
const DOCKERD = `${RECORDER}
case "$*" in
  --help) echo '      --validate      Validate daemon configuration and exit' ;;
  '--validate --config-file '*)
    ! /bin/grep -q unknown-directive "$3" || { /bin/cat "$3"; exit 1; } ;;
  *) touch "$FAKES/daemon-started" ;;
esac
`;

let printed: string;
let printedForMirror: string;
let printedForProxy: string;

beforeAll(async () => {
  printed = await print();
  printedForMirror = await print('--mirror', 'harbor.example.com/hub');
  printedForProxy = await print('--proxy', 'http://proxy.example.com:3128');
});

async function print(...more: string[]): Promise<string> {
  const options = ['--host', 'logs.example.com', '--cluster', 'reference', '--group', 'north', ...more];
  const { code, stdout, stderr } = await tryRun('node', [
    ...['scripts/run.cjs', 'main.ts', 'docker-driver'],
    ...options,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** The printed script, by two shells, each with the tools that such a system has, in a folder as its root. */
describe.each([
  ['busybox ash', ['busybox', 'ash'], true],
  ['dash', ['dash'], false],
] as const)('the script of the Docker driver, run by %s', (_, [shell, ...applet], withBusybox) => {
  let root: string;
  let fakes: string;
  let docker: string;
  let daemonJson: string;
  let everythingSaid: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docker-driver-'));
    fakes = join(root, 'fakes');
    docker = join(root, 'etc/docker');
    daemonJson = join(docker, 'daemon.json');
    for (const folder of ['fakes/bin', 'etc/docker', 'run', 'proc'])
      mkdirSync(join(root, folder), { recursive: true });
    everythingSaid = '';
    writeFileSync(join(root, 'script'), printed);
    writeFileSync(join(root, 'credentials'), `edge\n${PASSWORD}\n`);
    writeFileSync(join(fakes, 'machine'), 'x86_64\n');
    writeFileSync(join(fakes, 'driver'), 'json-file\n');
    for (const tool of TOOLS) fake(tool, `${RECORDER}exec ${realTool(tool)} "$@"\n`);
    fake('docker', DOCKER);
    fake('systemctl', SYSTEMCTL);
    fake('uname', UNAME);
  });

  afterEach(() => {
    try {
      expectNoSecret();
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  const realTool = (tool: string) => (withBusybox ? `${program('busybox')} ${tool}` : program(tool));

  function fake(name: string, source: string): void {
    writeFileSync(join(fakes, 'bin', name), source);
    chmodSync(join(fakes, 'bin', name), 0o755);
  }

  const fail = (...call: string[]) => writeFileSync(join(fakes, ['fail', ...call].join('-')), '');
  const heal = (...call: string[]) => rmSync(join(fakes, ['fail', ...call].join('-')));
  const plugin = (state: string) => writeFileSync(join(fakes, 'plugin'), `docker.io/${state}\n`);
  const pluginState = () => read(join(fakes, 'plugin'));

  /** Runs the script with only the recording programs in its path. */
  async function script(
    args: readonly string[],
    input = '',
    more: Record<string, string> = {},
  ): Promise<Outcome> {
    rmSync(join(fakes, 'calls'), { force: true });
    const env = {
      PATH: join(fakes, 'bin'),
      ROOT: root,
      FAKES: fakes,
      userinfo: 'exported',
      current: 'exported',
      ...more,
    };
    const outcome = await tryRun(shell, [...applet, join(root, 'script'), ...args], { env, input });
    everythingSaid += outcome.stdout + outcome.stderr;
    return outcome;
  }

  const apply = (...args: string[]) => script(['--credentials', join(root, 'credentials'), ...args]);

  /** The calls of docker and systemctl that are there to change something. */
  const changes = () =>
    read(join(fakes, 'calls'))
      .split('\n')
      .filter((call) => /^(docker plugin (?!inspect)|systemctl (?!show|reset-failed))/.test(call));

  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const config = () => JSON.parse(read(daemonJson).replace('\uFEFF', ''));
  const tree = () => readdirSync(docker).sort();

  /** No argument, environment variable or output contains the password. */
  function expectNoSecret(): void {
    const seen = [everythingSaid, read(join(fakes, 'calls')), read(join(fakes, 'environment'))].join('\n');
    for (const secret of [PASSWORD, ENCODED, ENCODED.slice(0, 9), PASSWORD.slice(0, 6)]) {
      expect(seen).not.toContain(secret);
    }
  }

  /** An error ends the script, is printed, and leaves daemon.json and the plugin unchanged. */
  async function expectRefusal(outcome: Promise<Outcome>, message: string | RegExp): Promise<void> {
    const [before, plugged] = [read(daemonJson), pluginState()];
    const { code, stdout, stderr } = await outcome;
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('; nothing was changed');
    expect([read(daemonJson), pluginState()]).toEqual([before, plugged]);
    expect(tree().filter((name) => name.endsWith('.new') || name.includes('before'))).toEqual([]);
    expect(changes()).toEqual([]);
  }

  describe('apply', () => {
    test.each<[string, string | undefined]>([
      ['no daemon.json', undefined],
      ['an empty one', ''],
      ['one of spaces', ' \n'],
      ['one of line ends', '\r\n\n\f'],
      ['one of a byte-order mark', '\uFEFF'],
      ['an empty object', '{}'],
    ])('makes everything on a node with %s', async (_what, content) => {
      if (content !== undefined) writeFileSync(daemonJson, content);
      const { code, stdout, stderr } = await apply();
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toBe(
        `changed: installed the plugin ${PLUGIN}\nchanged: ${daemonJson}\n` +
          'Docker must be restarted: run again with --restart, run systemctl restart docker, or reboot\n',
      );
      expect(changes()).toEqual([INSTALL]);
      expect(config()).toEqual({
        'log-driver': 'loki',
        'log-opts': {
          'loki-url': `https://edge:${ENCODED}@${PUSH}`,
          'loki-external-labels': 'container_name={{.Name}},cluster=reference,group=north,node=edge-1',
          'loki-retries': '2',
          'loki-max-backoff': '800ms',
          'loki-timeout': '1s',
          'keep-file': 'true',
          mode: 'non-blocking',
          'max-buffer-size': '4m',
          'max-size': '100m',
          'max-file': '5',
        },
      });
    });

    test('makes the folder of a Docker that was never configured', async () => {
      rmSync(docker, { recursive: true });
      expect((await apply()).code).toBe(0);
      expect(config()['log-driver']).toBe('loki');
    });

    test('keeps every byte of what is not about logs, and options that the driver knows', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      expect((await apply()).code).toBe(0);
      const written = read(daemonJson);
      expect(
        written.startsWith(`${HEAD}\n    "log-driver": "loki",\n    "log-opts": {\n        "max-size"`),
      ).toBe(true);
      expect(written.endsWith(`\n    },${TAIL}`)).toBe(true);
      const { 'log-opts': opts } = config();
      expect(opts).toMatchObject({ 'max-size': '10m', 'max-file': '3', labels: 'app', mode: 'non-blocking' });
      expect(opts).not.toHaveProperty('compress');
      expect(Object.values(opts).filter((value) => typeof value !== 'string')).toEqual([]);
    });

    test.each([
      ['appends', `${HEAD}${TAIL}`],
      ['keeps the one line of', '{"debug":true}'],
      ['keeps the one line, with spaces, of', '{ "debug": true }'],
      ['keeps tabs and line ends of Windows in', '{\r\n\t"debug": true\r\n}\r\n'],
    ])('%s what has no logging yet', async (_what, content) => {
      writeFileSync(daemonJson, content);
      await apply();
      const { 'log-driver': driver, 'log-opts': opts, ...others } = config();
      expect([driver, others]).toEqual(['loki', JSON.parse(content)]);
      const added = /,\s*"log-driver": "loki",\s*"log-opts": \{.*"\s*\}(?=\s*\}\s*$)/s;
      expect(read(daemonJson).replace(added, '')).toBe(content);
      expect(read(daemonJson).includes('\n')).toBe(content.includes('\n'));
      await script(['rollback']);
      expect(read(daemonJson)).toBe(content);
    });

    test('knows a key by what it means, not by how it is written', async () => {
      writeFileSync(daemonJson, '{"log\\u002ddriver": "journald", "data-root": "/d"}');
      await apply();
      expect(read(daemonJson)).toMatch(/^\{"log\\u002ddriver": "loki", "data-root": "\/d", ?"log-opts": \{/);
    });

    test('keeps credentials that are there already for the same host', async () => {
      writeFileSync(daemonJson, `{"log-opts": {"loki-url": "https:\\/\\/edge:p%40ss@${PUSH}"}}`);
      expect((await script([])).code).toBe(0);
      expect(config()['log-opts']['loki-url']).toBe(`https://edge:p%40ss@${PUSH}`);
    });

    test.each(['edge:n w', 'edge:n w\r\n', 'edge \r\nn w \r\n\r\n'])(
      'takes a new password, %j',
      async (given) => {
        await apply();
        const { stdout } = await script(['--credentials', '-'], given);
        expect(stdout).toContain(`changed: ${daemonJson}`);
        expect(config()['log-opts']['loki-url']).toBe(`https://edge:n%20w@${PUSH}`);
      },
    );

    test('leaves alone what another tool only wrote in another form', async () => {
      await apply('--restart');
      writeFileSync(daemonJson, JSON.stringify(config()));
      const before = read(daemonJson);
      expect((await apply()).stdout).toBe('nothing to do\n');
      expect(read(daemonJson)).toBe(before);
    });

    test('changes nothing and writes nothing at the second run', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      await apply('--restart');
      const [files, backup] = [tree(), read(`${daemonJson}.before-loki`)];
      for (const path of [daemonJson, `${daemonJson}.before-loki`, docker]) utimesSync(path, 1, 1);
      const { code, stdout, stderr } = await apply('--restart');
      expect([code, stdout, stderr]).toEqual([0, 'nothing to do\n', '']);
      expect(changes()).toEqual([]);
      for (const path of [daemonJson, `${daemonJson}.before-loki`, docker])
        expect(statSync(path).mtimeMs).toBe(1000);
      expect([tree(), read(`${daemonJson}.before-loki`)]).toEqual([files, backup]);
    });

    test('lets only root read what it writes', async () => {
      writeFileSync(daemonJson, '{}', { mode: 0o644 });
      await apply();
      expect(tree()).toEqual(['daemon.json', 'daemon.json.before-loki']);
      for (const name of tree()) expect(statSync(join(docker, name)).mode & 0o777).toBe(0o600);
    });

    test('keeps the oldest daemon.json, whatever comes after', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      await apply();
      await script(['--credentials', '-'], 'edge:other\n');
      expect(read(`${daemonJson}.before-loki`)).toBe(HEAD + LOGGING + TAIL);
    });
  });

  describe('a proxy', () => {
    const ADDRESS = 'proxy.example.com:3128';
    const url = () => config()['log-opts']['loki-proxy-url'];

    beforeEach(() => writeFileSync(join(root, 'script'), printedForProxy));

    test('is asked without a password where none is given', async () => {
      expect((await apply()).code).toBe(0);
      expect(url()).toBe(`http://${ADDRESS}`);
    });

    test('is given its password from a file, which the next run keeps', async () => {
      writeFileSync(join(root, 'proxy'), `site:${PASSWORD}`);
      expect((await apply('--restart', '--proxy-credentials', join(root, 'proxy'))).code).toBe(0);
      expect(url()).toBe(`http://site:${ENCODED}@${ADDRESS}`);
      expect((await apply('--restart')).stdout).toBe('nothing to do\n');
      expect((await script(['status'])).stdout).toContain('daemon.json: as expected');
      expect(url()).toBe(`http://site:${ENCODED}@${ADDRESS}`);
    });

    test('does not get the password of another one', async () => {
      writeFileSync(daemonJson, '{"log-opts": {"loki-proxy-url": "http://a:b@other.example.com:3128"}}');
      await apply();
      expect(url()).toBe(`http://${ADDRESS}`);
    });

    test('has to be there where its password is given', async () => {
      writeFileSync(join(root, 'script'), printed);
      writeFileSync(join(root, 'proxy'), 'site:secret');
      await expectRefusal(apply('--proxy-credentials', join(root, 'proxy')), /the script has no proxy/);
    });
  });

  describe('the plugin', () => {
    test.each([
      ['aarch64', 'arm64'],
      ['x86_64', 'amd64'],
    ])('is the one for %s', async (machine, architecture) => {
      writeFileSync(join(fakes, 'machine'), machine);
      await apply();
      expect(pluginState()).toBe(`docker.io/grafana/loki-docker-driver:3.6.0-${architecture} true\n`);
    });

    test('comes from a mirror, in place of the one of Docker Hub, and goes again', async () => {
      const mirrored = `harbor.example.com/hub/${PLUGIN}`;
      writeFileSync(join(root, 'script'), printedForMirror);
      plugin(`${PLUGIN} true`);
      writeFileSync(daemonJson, `{"log-driver": "${mirrored}"}`);
      expect((await apply('--restart')).code).toBe(0);
      expect(changes()).toContain(
        `docker plugin upgrade loki ${mirrored} --grant-all-permissions --skip-remote-check`,
      );
      expect(pluginState()).toBe(`${mirrored} true\n`);
      expect((await apply('--restart')).stdout).toBe('nothing to do\n');
      await script(['rollback', '--restart']);
      await script(['rollback', '--restart']);
      expect(config()).toEqual({ 'log-driver': 'json-file' });
    });

    test('is upgraded from an older one, in the order that Docker asks for', async () => {
      plugin(`${OLD} true`);
      const { code, stdout } = await apply('--restart');
      expect(code).toBe(0);
      expect(stdout).toContain('log nothing until Docker is restarted');
      expect(changes()).toEqual([
        'docker plugin disable --force loki',
        `docker plugin upgrade loki ${PLUGIN} --grant-all-permissions --skip-remote-check`,
        'docker plugin set loki LOG_LEVEL=warn',
        'docker plugin enable loki',
        RESTART,
      ]);
      expect(pluginState()).toBe(`docker.io/${PLUGIN} true\n`);
    });

    test('is enabled when it is not', async () => {
      plugin(`${PLUGIN} false`);
      await apply();
      expect(changes()).toEqual(['docker plugin set loki LOG_LEVEL=warn', 'docker plugin enable loki']);
    });

    test('leaves daemon.json alone when it cannot be installed', async () => {
      writeFileSync(daemonJson, HEAD + TAIL);
      fail('docker', 'install');
      const { code, stderr } = await apply('--restart');
      expect([code, read(daemonJson), tree()]).toEqual([1, HEAD + TAIL, ['daemon.json']]);
      expect(stderr).toContain(`the plugin ${PLUGIN} cannot be installed; nothing was changed`);
      expect(changes()).toEqual([INSTALL]);
    });

    test('is the older one again when it cannot be upgraded', async () => {
      plugin(`${OLD} true`);
      fail('docker', 'upgrade');
      const { code, stderr } = await apply('--restart');
      expect([code, existsSync(daemonJson), pluginState()]).toEqual([1, false, `docker.io/${OLD} true\n`]);
      expect(stderr).toContain(
        `the plugin ${OLD} cannot be upgraded to ${PLUGIN}; ${daemonJson} is unchanged`,
      );
    });
  });

  describe('a restart', () => {
    test('is left out unless it is asked for, and made up for later', async () => {
      await apply();
      expect((await apply()).stdout).toMatch(/^Docker must be restarted: [^\n]*\n$/);
      const { stdout } = await apply('--restart');
      expect(stdout).toBe('changed: restarted Docker\n');
      expect(changes()).toEqual([RESTART]);
    });

    test('comes once, after everything else', async () => {
      await apply('--restart');
      expect(changes()).toEqual([INSTALL, RESTART]);
      await apply('--restart');
      expect(changes()).toEqual([]);
    });

    test('by hand counts', async () => {
      await apply();
      const later = Date.now() / 1000 + 5;
      writeFileSync(join(root, 'run/docker.pid'), '1');
      writeFileSync(join(fakes, 'driver'), 'loki\n');
      utimesSync(join(root, 'run/docker.pid'), later, later);
      expect((await apply('--restart')).stdout).toBe('nothing to do\n');
    });

    test.each([
      ['no daemon.json', undefined],
      ['one', HEAD + LOGGING + TAIL],
    ])('that fails puts back what was there, %s, and is made up for', async (_what, content) => {
      if (content !== undefined) writeFileSync(daemonJson, content);
      fail('systemctl', 'docker'); // systemctl restart docker
      const { code, stderr } = await apply('--restart');
      expect([code, existsSync(daemonJson), read(daemonJson)]).toEqual([
        1,
        content !== undefined,
        content ?? '',
      ]);
      expect(stderr).toContain(
        `Docker does not restart: see journalctl -u docker; ${daemonJson} is restored, and Docker still does not start`,
      );
      expect(tree()).toEqual(content === undefined ? [] : ['daemon.json']);
      heal('systemctl', 'docker');
      expect((await apply('--restart')).stdout).toBe(`changed: ${daemonJson}\nchanged: restarted Docker\n`);
    });

    test('after which Docker says that it logs otherwise puts back what was there', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      writeFileSync(join(fakes, 'deaf'), '');
      const { code, stderr } = await apply('--restart');
      expect([code, read(daemonJson), tree()]).toEqual([1, HEAD + LOGGING + TAIL, ['daemon.json']]);
      expect(stderr).toContain(
        'after the restart, Docker uses the log driver json-file instead of loki: it does not read',
      );
      expect(stderr).toContain('is restored, and Docker runs again');
      expect(changes()).toEqual([INSTALL, RESTART, RESTART]);
    });

    test('is refused at once where systemd is not', async () => {
      rmSync(join(fakes, 'bin/systemctl'));
      await expectRefusal(apply('--restart'), '--restart requires systemctl');
    });
  });

  describe('of a Docker that was started otherwise', () => {
    /** A dockerd in /proc, beside those that systemd knows. */
    function daemon(pid: number, ...words: string[]): void {
      const folder = join(root, 'proc', `${pid}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'cmdline'), [...words, ''].join('\0'));
      writeFileSync(join(folder, 'comm'), 'dockerd\n');
    }
    const unit = (...properties: string[]) => writeFileSync(join(fakes, 'unit'), properties.join('\n'));

    test.each([
      [['--log-driver=journald'], '--log-driver'],
      [['--log-driver', 'journald', '--log-opt', 'tag=x'], '--log-driver --log-opt'],
      [['-H', 'fd://', `--log-opt=loki-url=https://edge:${PASSWORD}@x`], '--log-opt'],
    ])('with %j, before anything changes', async (flags, named) => {
      daemon(7, '/usr/bin/dockerd', ...flags);
      unit(
        'FragmentPath=/lib/systemd/system/docker.service',
        'DropInPaths=/etc/systemd/system/docker.service.d/x.conf',
      );
      await expectRefusal(
        apply('--restart'),
        `Docker is started with ${named}, and does not start if daemon.json contains the same settings: ` +
          'remove the flags (/lib/systemd/system/docker.service /etc/systemd/system/docker.service.d/x.conf)',
      );
      expect((await script(['status'])).stdout).toContain(
        `flags: Docker is started with ${named}; daemon.json`,
      );
    });

    test('by a unit that will say so at its next start', async () => {
      daemon(7, '/usr/bin/dockerd');
      const argv = '/usr/bin/dockerd $OPTIONS --log-opt max-size=1m';
      unit('MainPID=7', `ExecStart={ path=/usr/bin/dockerd ; argv[]=${argv} ; ignore_errors=no }`);
      await expectRefusal(apply(), 'Docker is started with --log-opt, and');
    });

    test.each([
      ['DOCKER_OPTS="-H fd:// --log-driver=journald"\n', '--log-driver'],
      ["# --log-driver=local\nEXTRA='--log-opt max-size=1m'\n", '--log-opt'],
    ])('by a file of variables that its unit reads: %j', async (text, flag) => {
      daemon(7, '/usr/bin/dockerd');
      mkdirSync(join(root, 'etc/default'));
      writeFileSync(join(root, 'etc/default/docker'), text);
      unit(
        'MainPID=7',
        'ExecStart={ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd $DOCKER_OPTS ; ignore_errors=no }',
        'EnvironmentFiles=/etc/default/docker (ignore_errors=yes)',
      );
      await expectRefusal(apply(), `Docker is started with ${flag}, and`);
      writeFileSync(join(root, 'etc/default/docker'), '#DOCKER_OPTS="--log-driver=local"\n');
      expect((await apply()).code).toBe(0);
    });

    test.each([
      ['a file of its own', 'docker', ['--config-file', '/opt/docker.json', '--pidfile=/opt/pid']],
      ['the file of a snap', 'snap.docker.dockerd', ['--config-file=/opt/docker.json', '-p', '/opt/pid']],
    ])('with %s, by changing that one', async (_what, name, words) => {
      const file = join(root, 'opt/docker.json');
      mkdirSync(join(root, 'opt'));
      writeFileSync(file, '{"debug": true}');
      writeFileSync(join(fakes, 'config-file'), file);
      daemon(7, 'dockerd', ...words);
      writeFileSync(join(root, 'proc/7/cgroup'), `0::/system.slice/${name}.service\n`);
      expect((await apply('--restart')).code).toBe(0);
      expect(changes()).toEqual([INSTALL, `systemctl restart ${name}`]);
      expect([JSON.parse(read(file))['log-driver'], existsSync(daemonJson)]).toEqual(['loki', false]);
      expect((await script(['status'])).code).toBe(0);
      await script(['rollback', '--restart']);
      expect(read(file)).toBe('{"debug": true}');
    });

    test('from a relative path, by two processes, or rootless', async () => {
      daemon(7, 'dockerd', '--config-file=docker.json');
      await expectRefusal(apply(), 'the relative path --config-file docker.json');
      daemon(8, 'dockerd');
      await expectRefusal(apply(), 'two dockerd are running, processes 7 and 8');
      rmSync(join(root, 'proc/7'), { recursive: true });
      fake(
        'docker',
        DOCKER.replace("'info --format')", "'info --format') echo name=rootless; exit ;; never)"),
      );
      await expectRefusal(apply(), 'Docker runs rootless');
    });

    test('as Podman', async () => {
      fake('docker', `#!/bin/sh\necho 'podman version 4.3.1'\n`);
      await expectRefusal(apply(), 'the command docker is Podman');
    });

    test('by a unit that is masked, or by hand beside one', async () => {
      unit('LoadState=masked');
      await expectRefusal(
        apply('--restart'),
        'the unit docker is masked and cannot be restarted: run systemctl unmask docker',
      );
      daemon(7, 'dockerd');
      unit('LoadState=loaded', 'MainPID=0');
      await expectRefusal(
        apply('--restart'),
        'Docker, process 7, was not started by the unit docker: omit --restart',
      );
    });

    test('on a network, by DOCKER_HOST', async () => {
      const said = script(['--credentials', join(root, 'credentials')], '', { DOCKER_HOST: 'tcp://x:2375' });
      await expectRefusal(said, 'DOCKER_HOST is tcp://x:2375');
    });

    test('that logs otherwise than its file says, which is said for as long as it does', async () => {
      await apply('--restart');
      writeFileSync(join(fakes, 'driver'), 'json-file\n');
      const { code, stdout } = await script(['status']);
      expect(stdout).toContain(
        'daemon.json: as expected\nrestart: needed, because new containers use the log driver json-file; if',
      );
      expect(code).toBe(3);
      writeFileSync(join(fakes, 'deaf'), '');
      const { code: failed, stderr } = await apply('--restart');
      expect([failed, stderr]).toEqual([
        1,
        expect.stringContaining('uses the log driver json-file instead of loki'),
      ]);
    });
  });

  describe('is refused', () => {
    test.each([
      ['a comma too many', '{"debug": true,}', 1],
      ['a missing comma', '{"debug": true\n "a": 1}', 2],
      ['a missing colon', '{"debug" true}', 1],
      ['a missing end', '{"debug": {"a": [1', 1],
      ['a second object', '{}\n{}', 2],
      ['a list', '[]', 1],
      ['a line end in a text', '{"a": "x\ny"}', 1],
      ['an unknown escape', '{"a": "\\x"}', 1],
      ['a half escape', '{"a": "\\u12"}', 1],
      ['single quotes', "{'a': 1}", 1],
      ['a comment', '{\n// no\n"a": 1}', 2],
      ['a number with a leading zero', '{"a": 01}', 1],
      ['a word', '{"a": yes}', 1],
    ])('a daemon.json with %s', async (_what, content, line) => {
      writeFileSync(daemonJson, content);
      await expectRefusal(apply(), `${daemonJson}: invalid JSON, line ${line}: `);
    });

    test.each([
      ['a zero byte', '{"a": 1}\0', 'zero byte'],
      ['a separator', '{"a": 1}\x1e', 'control character'],
      ['two log drivers', '{"log-driver": "a", "log-driver": "b"}', 'log-driver occurs twice'],
      [
        'a size that is none',
        '{"log-opts": {"max-size": {"a": "b"}}}',
        'max-size in log-opts must be a string or a number',
      ],
    ])('a daemon.json with %s', async (_what, content, message) => {
      writeFileSync(daemonJson, content);
      await expectRefusal(apply(), message);
    });

    test('a daemon.json that is a folder, or may not be written', async () => {
      mkdirSync(daemonJson);
      expect(await apply()).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('is not a regular file'),
      });
      rmSync(daemonJson, { recursive: true });
      writeFileSync(daemonJson, '{}');
      run('mount', '--bind', '-o', 'ro', daemonJson, daemonJson);
      try {
        await expectRefusal(
          apply(),
          'is not writable: the file is immutable (see lsattr), or its file system',
        );
      } finally {
        run('umount', daemonJson);
      }
    });

    test('a daemon.json that is a link', async () => {
      writeFileSync(join(root, 'elsewhere'), '{}');
      symlinkSync(join(root, 'elsewhere'), daemonJson);
      await expectRefusal(apply(), 'is a symbolic link');
    });

    test('an architecture that the plugin is not made for', async () => {
      writeFileSync(join(fakes, 'machine'), 'armv7l');
      await expectRefusal(
        apply(),
        /architecture armv7l, only x86_64 and aarch64: send the logs of this node with the log collector/,
      );
    });

    test('a host without Docker, or with one that does not answer', async () => {
      fail('docker', '--format'); // docker version --format ...
      await expectRefusal(apply(), 'Docker does not respond');
      rmSync(join(fakes, 'bin/docker'));
      await expectRefusal(apply(), 'the command docker does not exist');
    });

    test.each([
      ['none at all', '{}'],
      [
        'those of another host',
        `{"log-opts": {"loki-url": "https://edge:pw@other.example.com/loki/api/v1/push"}}`,
      ],
      ['a user only', `{"log-opts": {"loki-url": "https://edge@${PUSH}"}}`],
    ])('a run without credentials where daemon.json holds %s', async (_what, content) => {
      writeFileSync(daemonJson, content);
      await expectRefusal(
        script([]),
        /the file contains no credentials for logs.example.com.*--credentials FILE/,
      );
    });

    test.each([
      ['nothing', ''],
      ['a user only', 'edge\n'],
      ['an empty password', 'edge:\n'],
      ['an empty user', '\nsecret\n'],
      ['a colon in the user', 'ed:ge\nsecret\n'],
      ['three lines', 'edge\nsecret\nmore\n'],
      ['begun by a byte-order mark', '\uFEFFedge\nsecret\n'],
      ['begun by a blank', 'edge\n secret\n'],
    ])('credentials that are %s', async (_what, content) => {
      await expectRefusal(
        script(['--credentials', '-'], content),
        '--credentials -: the file must contain the user',
      );
    });

    test('credentials that are not there', async () => {
      await expectRefusal(
        script(['--credentials', '/no/such/file']),
        '--credentials /no/such/file: the file does not exist',
      );
    });

    test('what Docker itself would refuse, without a word of the password', async () => {
      fake('dockerd', DOCKERD);
      writeFileSync(daemonJson, '{"unknown-directive": 1}');
      await expectRefusal(
        apply(),
        /Docker rejects the new daemon.json: .*https:\/\/\*\*\*@logs.example.com/s,
      );
      writeFileSync(daemonJson, '{}');
      expect((await apply()).code).toBe(0);
    });

    test('no daemon.json by a Docker that cannot validate, which is not started', async () => {
      fake('dockerd', DOCKERD.replace('--validate ', '--version '));
      expect((await apply()).code).toBe(0);
      expect(existsSync(join(fakes, 'daemon-started'))).toBe(false);
    });

    test('an argument that is not known, which is not repeated whole', async () => {
      const { code, stdout, stderr } = await script([`--password=${PASSWORD}`]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^docker-driver: unexpected argument: --password\nusage: docker-driver /);
    });
  });

  describe('an interruption', () => {
    test('of the last step leaves the old file, and nothing of the new one', async () => {
      writeFileSync(daemonJson, HEAD + TAIL);
      plugin(`${PLUGIN} true`);
      writeFileSync(`${daemonJson}.before-loki`, HEAD + TAIL);
      fail('mv');
      const { code, stderr } = await apply('--restart');
      expect([code, read(daemonJson)]).toEqual([1, HEAD + TAIL]);
      expect(stderr).toContain(`${daemonJson} cannot be replaced; nothing was changed`);
      expect(tree()).toEqual(['daemon.json', 'daemon.json.before-loki']);
      expect(changes()).toEqual([]);
    });

    test('by a signal takes away what was half done', async () => {
      writeFileSync(daemonJson, HEAD + TAIL);
      fake(
        'docker',
        DOCKER.replace("'plugin install')", "'plugin install') kill -TERM $PPID; exit 1 ;; never)"),
      );
      expect((await apply()).code).not.toBe(0);
      expect([read(daemonJson), tree()]).toEqual([HEAD + TAIL, ['daemon.json']]);
    });

    test('by a full disk leaves the old file, before the plugin and after', async () => {
      run('mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', docker);
      try {
        writeFileSync(daemonJson, HEAD + TAIL);
        fill();
        await expectRefusal(apply(), /daemon.json.new cannot be written: check whether the disk is full/);
        // One page: enough for the new file, but not for the old one beside it.
        rmSync(join(docker, 'filler-0'));
        const { code, stderr } = await apply();
        expect([code, read(daemonJson)]).toEqual([1, HEAD + TAIL]);
        expect(stderr).toMatch(
          /before-loki cannot be written: check whether the disk is full; .*daemon.json is unchanged/,
        );
        expect(tree().filter((name) => !name.startsWith('filler'))).toEqual(['daemon.json']);
        rmSync(join(docker, 'filler-1'));
        expect((await apply()).code).toBe(0);
        expect(config()['log-driver']).toBe('loki');
      } finally {
        run('umount', docker);
      }
    });

    /** Files of a page each, until there is no room. */
    function fill(): void {
      for (let index = 0; index < 16; index++) {
        try {
          appendFileSync(join(docker, `filler-${index}`), Buffer.alloc(4096));
        } catch {
          rmSync(join(docker, `filler-${index}`), { force: true });
          writeFileSync(join(docker, 'filler'), '');
          return;
        }
      }
    }
  });

  describe('rollback', () => {
    test.each([
      ['the reference node', HEAD + LOGGING + TAIL],
      ['a node without settings', '{}'],
      ['a node with an empty file', ''],
      ['a node with a file of white space', '\n \n'],
      ['a node with a byte-order mark', '\uFEFF{\r\n  "debug": true\r\n}\r\n'],
    ])('puts the daemon.json of %s back, byte for byte', async (_what, content) => {
      writeFileSync(daemonJson, content);
      await apply('--restart');
      const { code, stdout } = await script(['rollback', '--restart']);
      expect(code).toBe(0);
      expect(stdout).toContain(`changed: ${daemonJson}\n`);
      expect(changes()).toEqual([RESTART]);
      expect([read(daemonJson), tree()]).toEqual([content, ['daemon.json']]);
      expect((await script(['rollback', '--restart'])).stdout).toBe('nothing to do\n');
    });

    test('keeps what was changed since, and takes back only the logging', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      await apply();
      writeFileSync(daemonJson, read(daemonJson).replace('overlay2"', 'btrfs"'));
      await script(['rollback']);
      expect(read(daemonJson).replace('btrfs"', 'overlay2"')).toBe(HEAD + LOGGING + TAIL);
      expect(tree()).toEqual(['daemon.json']);
    });

    test('goes to json-file, still within its limits, where there was no daemon.json', async () => {
      await apply();
      await script(['rollback']);
      expect(config()).toEqual({
        'log-driver': 'json-file',
        'log-opts': { 'max-size': '100m', 'max-file': '5' },
      });
      expect(tree()).toEqual(['daemon.json']);
    });

    test('needs no Docker that answers, restarts it only when asked to, and keeps the plugin', async () => {
      await apply('--restart');
      rmSync(join(fakes, 'bin/docker'));
      const { code, stdout } = await script(['rollback']);
      expect(code).toBe(0);
      expect(stdout).toContain(
        'the plugin stays installed, because containers that were created with it need it',
      );
      expect(stdout).toContain('Docker must be restarted');
      expect(changes()).toEqual([]);
    });

    test.each([
      'loki:latest',
      'grafana/loki-docker-driver',
      'grafana/loki-docker-driver:2.9.1',
      'docker.io/grafana/loki-docker-driver:2.9.1',
    ])('goes to json-file from the driver %s that somebody set up by hand', async (driver) => {
      writeFileSync(
        daemonJson,
        `{"log-driver": "${driver}", "log-opts": {"loki-url": "x", "max-size": "1m"}}`,
      );
      expect((await script(['rollback', '--restart'])).code).toBe(0);
      expect(config()).toEqual({ 'log-driver': 'json-file', 'log-opts': { 'max-size': '1m' } });
      expect((await script(['rollback', '--restart'])).stdout).toBe('nothing to do\n');
    });

    test('leaves to the flags of Docker what they say', async () => {
      mkdirSync(join(root, 'proc/7'), { recursive: true });
      writeFileSync(join(root, 'proc/7/cmdline'), 'dockerd\0--log-driver=journald\0');
      writeFileSync(join(root, 'proc/7/comm'), 'dockerd\n');
      writeFileSync(daemonJson, '{"log-driver": "loki", "log-opts": {"loki-url": "x"}, "debug": true}');
      await script(['rollback']);
      expect(config()).toEqual({ debug: true });
    });

    test('has nothing to do on a node that never had the driver', async () => {
      writeFileSync(daemonJson, HEAD + LOGGING + TAIL);
      expect((await script(['rollback', '--restart'])).stdout).toBe('nothing to do\n');
      expect(read(daemonJson)).toBe(HEAD + LOGGING + TAIL);
    });
  });

  describe('a driver that somebody set up by hand', () => {
    const ADDRESS = `https://edge:p%40ss@${PLACE}`;
    const byHand = (driver: string) =>
      `{"log-driver": "${driver}", "log-opts": {"loki-url": "${ADDRESS}", "loki-retries": "9", "max-size": "100m"}}\n`;

    test.each(['loki', 'grafana/loki-docker-driver:2.9.1'])(
      'as %s is taken over with its credentials, handed back, and taken away',
      async (driver) => {
        const hasAlias = driver === 'loki';
        if (hasAlias) plugin('grafana/loki-docker-driver:2.9.1 true');
        writeFileSync(daemonJson, byHand(driver));
        expect((await script(['--restart'])).code).toBe(0);
        expect(changes().includes(INSTALL)).toBe(!hasAlias);
        expect(pluginState()).toBe(`docker.io/${PLUGIN} true\n`);
        expect(config()).toMatchObject({
          'log-driver': 'loki',
          'log-opts': { 'loki-url': `https://edge:p%40ss@${PUSH}`, 'loki-retries': '2', 'max-size': '100m' },
        });
        const back = await script(['rollback', '--restart']);
        expect(back.stdout).toContain(`restored the previous log driver ${driver}, which is Loki`);
        expect(read(daemonJson)).toBe(byHand(driver));
        await script(['rollback', '--restart']);
        expect(config()).toEqual({ 'log-driver': 'json-file', 'log-opts': { 'max-size': '100m' } });
      },
    );
  });

  describe('status', () => {
    test('says that all is as wanted', async () => {
      await apply('--restart');
      const { code, stdout } = await script(['status']);
      expect(stdout).toBe(`plugin: ${PLUGIN}, enabled\ndaemon.json: as expected\nrestart: not pending\n`);
      expect(code).toBe(0);
    });

    test('says what is missing, and changes nothing', async () => {
      const { code, stdout } = await script(['status']);
      expect(stdout).toMatch(
        /^plugin: not installed; expected: .*\ndaemon.json: not as expected: the file contains no credentials/,
      );
      expect([code, tree(), changes()]).toEqual([3, [], []]);
    });

    test('says what is other than wanted, and that a restart is pending', async () => {
      await apply();
      plugin(`${OLD} false`);
      writeFileSync(daemonJson, read(daemonJson).replace('800ms', '5m'));
      const { code, stdout } = await script(['status']);
      expect(stdout).toBe(
        `plugin: ${OLD}, disabled; expected: ${PLUGIN}, enabled\n` +
          'daemon.json: not as expected\nrestart: pending\n',
      );
      expect(code).toBe(3);
    });
  });
});
