import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Authority } from '../runtime/authority';
import { type Outcome, tryRun } from '../runtime/programs';
import { environment } from './cluster';

const ROOT = resolve(__dirname, '../..');

/** Commands that pages of the documentation run with `npm run`. */
const SCRIPTS = ['apply', 'credentials', 'doctor', 'prune'];

/** A project in its own folder, as a user of the library has it: main.ts, and environments. */
export class Project {
  private made?: Authority;

  private constructor(private readonly folder: string) {}

  /**
   * Creates a project.
   * @param environments texts of environment files by name; each text must export the environment with this name
   * @default - no environments
   */
  static create(environments: Readonly<Record<string, string>> = {}): Project {
    const folder = join(ROOT, 'build/cluster-suite');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'environments'), { recursive: true });
    for (const [name, text] of Object.entries(environments)) {
      writeFileSync(join(folder, 'environments', `${name}.ts`), text.replace("'../lib'", `'${ROOT}/lib'`));
    }
    const names = Object.keys(environments);
    const imports = names.map((name) => `import { ${name} } from './environments/${name}';\n`);
    const main = `import { run } from '${ROOT}/lib';\n${imports.join('')}\nrun({ ${names.join(', ')} });\n`;
    writeFileSync(join(folder, 'main.ts'), main.replace('{  }', '{}'));
    const scripts = SCRIPTS.map((name) => [name, `node ${ROOT}/scripts/run.cjs main.ts ${name}`]);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: Object.fromEntries(scripts) }));
    return new Project(folder);
  }

  /**
   * Runs shell lines in the folder of the project. As for a reader of a page, the next line also runs if a line fails.
   * @throws Error with the error output if the last line fails
   */
  async shell(lines: string): Promise<string> {
    const { code, stdout, stderr } = await tryRun('sh', ['-c', lines], {
      env: environment,
      cwd: this.folder,
    });
    if (code !== 0) throw new Error(`${lines}: ${stderr}`);
    return stdout;
  }

  /** Runs a command of the project as `npm run` does, and resolves to its exit code and output. */
  readonly command = (args: readonly string[], input?: string): Promise<Outcome> =>
    tryRun('node', [join(ROOT, 'scripts/run.cjs'), 'main.ts', ...args], {
      env: environment,
      cwd: this.folder,
      input,
    });

  /** Runs a command of the project, and returns its output. @throws Error with the error output if the command fails */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.command(args, input);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** The private CA of the project, which is created at the first use. */
  get authority(): Authority {
    this.made ??= new Authority(join(this.folder, 'authority'));
    return this.made;
  }

  /** Replaces a text in the file of an environment. @throws Error if the file does not contain the text */
  edit(name: string, text: string, replacement: string): void {
    const file = join(this.folder, 'environments', `${name}.ts`);
    const before = readFileSync(file, 'utf8');
    if (!before.includes(text)) throw new Error(`${file} does not contain the text ${text}`);
    writeFileSync(file, before.replace(text, replacement));
  }
}
