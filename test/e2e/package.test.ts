import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import packageJson from '../../package.json';
import { copyWithCrlf } from '../support/crlf';

/** Output of `npm pack --json`. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const NAME = packageJson.name;
const PEERS = Object.keys(packageJson.peerDependencies);

/** A chart of a user with a custom exporter, as TypeScript for both module systems. */
const CHART = `
import { App, Chart } from 'cdk8s';
import { EdgeExporter, type ExporterSink, fromPushgateway } from '${NAME}';

const app = new App();
const sink: ExporterSink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
new EdgeExporter(new Chart(app, 'edge'), 'modem', {
  name: 'modem-exporter',
  image: 'ghcr.io/example/modem-exporter:1.4.0',
  port: 9800,
  interval: '30s',
  sink,
});
app.synth();
`;

/** Code that the types refuse: a duration without a unit, an unknown word, and internal files. */
const WRONG = `
import { Chart } from 'cdk8s';
import { EdgeNodeExporter, fromPushgateway } from '${NAME}';
// @ts-expect-error: only what the package says is there
import '${NAME}/build/lib/edge/push-sidecar';

declare const chart: Chart;
const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
// @ts-expect-error: thirty of what?
new EdgeNodeExporter(chart, 'a', { sink, interval: '30' });
// @ts-expect-error: an exporter without a sink measures for nobody
new EdgeNodeExporter(chart, 'b', {});
`;

/** The app of this project, in another folder. */
const ENVIRONMENTS = ['main', 'fleet', 'reference'];

let folder: string;
let packed: Packed;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  // As in a checkout on Windows: the package must be the same.
  copyWithCrlf(join(folder, 'checkout'));
  const said = npm(join(folder, 'checkout'), 'pack', '--json', '--pack-destination', folder);
  [packed] = JSON.parse(said.slice(said.indexOf('[\n'))) as [Packed];
  write('package.json', JSON.stringify({ name: 'theirs', version: '1.0.0', private: true }));
  const kits = PEERS.map((name) => `${name}@${packageJson.devDependencies[name as 'cdk8s']}`);
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed.filename}`, ...kits);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds the library, its commands, its types and what a reader needs, and nothing else', () => {
    expect(packed.files.map(({ path }) => path).sort()).toEqual([
      'LICENSE',
      'README.md',
      'README.zh-CN.md',
      'build/lib/chunk.js',
      'build/lib/index.d.ts',
      'build/lib/index.js',
      'build/lib/program.js',
      'build/lib/texts.json.br',
      'package.json',
    ]);
  });

  test('has no line that ends as on Windows, though its checkout has them', () => {
    const library = readFileSync(join(folder, 'node_modules', NAME, 'build/lib/chunk.js'));
    expect(library.includes('\r')).toBe(false);
    expect(
      readFileSync(join(folder, 'checkout/lib/cloud/pushgateway/push-filter/main.mjs')).includes('\r\n'),
    ).toBe(true);
  });

  test('is downloaded in less than half a megabyte, and takes less than one', () => {
    console.info(`packed ${packed.size} bytes, unpacked ${packed.unpackedSize}`);
    expect(packed.size).toBeLessThan(500_000);
    expect(packed.unpackedSize).toBeLessThan(1_000_000);
  });

  test('has the types that users can name with their comments, and none of the library alone', () => {
    const types = readFileSync(join(folder, 'node_modules', NAME, 'build/lib/index.d.ts'), 'utf8');
    expect(types).toContain('/** Properties for `EdgeLogCollector`. */\ninterface EdgeLogCollectorProps');
    expect(types).toContain('@default "edge-log-collector" */\n\treadonly name?: string;');
    expect(readFileSync('lib/edge/log-collector/options.ts', 'utf8')).toContain('EDGE_LOG_COLLECTOR_OPTIONS');
    expect(types).not.toContain('EDGE_LOG_COLLECTOR_OPTIONS');
  });

  test('takes the kits of the app that it is installed in, of which there is one each', () => {
    for (const name of PEERS) {
      expect(existsSync(join(folder, 'node_modules', name))).toBe(true);
      expect(existsSync(join(folder, 'node_modules', NAME, 'node_modules', name))).toBe(false);
    }
  });
});

describe('an app in another folder', () => {
  test('has right types, and so has each of the examples, under CommonJS and ESM', () => {
    for (const kind of ['cts', 'mts']) {
      write(`chart.${kind}`, CHART);
      write(`wrong.${kind}`, WRONG);
      for (const name of readdirSync('examples').filter((file) => file.endsWith('.ts'))) {
        write(name.replace(/ts$/, kind), readFileSync(join('examples', name), 'utf8'));
      }
    }
    for (const name of ENVIRONMENTS) {
      const text = readFileSync(join('examples/environments', `${name}.ts`), 'utf8');
      const elsewhere = text.replaceAll("'../../lib'", `'${NAME}'`).replace(/'(\.\/\w+)'/g, "'$1.cjs'");
      write(`${name}.cts`, elsewhere);
    }
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      types: [],
      skipLibCheck: false,
      outDir: 'out',
    };
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.cts', '*.mts'] }));
    expect(outputOf(resolve('node_modules/.bin/tsc'), '--project', '.')).toBe('');
  });

  test.each(['cjs', 'mjs'])('synthesizes its own exporter as .%s', (kind) => {
    expect(outputOf(process.execPath, join('out', `chart.${kind}`))).toBe('');
    const manifest = readFileSync(join(folder, 'dist', 'edge.k8s.yaml'), 'utf8');
    expect(manifest).toContain('kind: DaemonSet');
    expect(manifest).toContain('image: ghcr.io/example/modem-exporter:1.4.0');
    expect(manifest).toContain('https://push.example.com');
    rmSync(join(folder, 'dist'), { recursive: true });
  });

  test('synthesizes the environments of this project to the same bytes, and has the commands that work on them', () => {
    expect(outputOf(process.execPath, join('out', 'main.cjs'))).toContain('reference');
    expect(filesIn(join(folder, 'dist'))).toEqual(filesIn('dist'));
    expect(outputOf(process.execPath, join('out', 'main.cjs'), 'inventory')).toContain('edge-node-exporter');
  });
});

/** Returns the contents of the files in a folder, by relative path. */
function filesIn(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => path.endsWith('.yaml')).sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

function write(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8' });
}

/** Returns the output of a program in that folder, of both streams. */
function outputOf(program: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}
