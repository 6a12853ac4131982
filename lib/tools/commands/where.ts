import { formatValue } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { findCodeThatCreatesObjects, type Origin } from '../synthesis/origins';
import { outputFolder } from '../synthesis/synthesize';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironments } from './environments';

/** Command `where`: prints the construct and the source lines that create an object. */
export const where: CommandModule = { define: defineWhereOptions, run: runWhere };

function defineWhereOptions(line: CommandLine): void {
  line
    .description(
      'Prints the constructs and the source lines that create an object. The innermost construct and line come first. Writes nothing.',
    )
    .argument('<object>', 'Kind/name, Kind/namespace/name, or the path of a file in dist/')
    .option('--environment <name>', 'only this environment (default: all)');
}

function runWhere(line: CommandLine, { environments, io }: CommandContext): void {
  const [wanted = ''] = line.args;
  const origins = findCodeThatCreatesObjects(
    chooseEnvironments(line.opts<{ environment?: string }>().environment, environments),
  );
  const found = origins.filter((origin) => isNameOfObjectOrFile(wanted, origin));
  if (found.length === 0) throw new UsageError(unknownObjectMessage(wanted, origins));
  io.stdout(found.map(formatObjectOrigin).join('\n'));
}

function isNameOfObjectOrFile(wanted: string, { object, file }: Origin): boolean {
  const [kind, ...names] = object.split('/');
  return [object, `${kind}/${names.at(-1)}`, file, `${outputFolder()}/${file}`].includes(wanted);
}

function unknownObjectMessage(wanted: string, origins: readonly Origin[]): string {
  const name = wanted.split('/').at(-1) ?? '';
  const objects = [...new Set(origins.map(({ object }) => object))];
  const same = objects.filter((object) => object.endsWith(`/${name}`));
  const near = same.length ? same : objects.filter((object) => name && object.includes(name)).slice(0, 5);
  const allowed = near.length
    ? near.join(', ')
    : 'Kind/name, such as Namespace/monitoring, or the path of a file in dist/';
  return `the synthesized environments do not create the object ${formatValue(wanted)}; allowed: ${allowed}`;
}

function formatObjectOrigin({ object, file, constructs, lines }: Origin): string {
  const makers = constructs.map(({ className, path }) => `${className} ${path}`);
  return [
    object,
    ...formatLinesWithTitle('file', [`${outputFolder()}/${file}`]),
    ...formatLinesWithTitle('created by', makers),
    ...formatLinesWithTitle(
      'lines',
      lines.length ? lines : ['unknown: no construct of cdk8s-edge-observability creates this object'],
    ),
    '',
  ].join('\n');
}

const formatLinesWithTitle = (title: string, [first, ...others]: readonly string[]): string[] => [
  `  ${title.padEnd(10)}  ${first}`,
  ...others.map((other) => `${' '.repeat(14)}${other}`),
];
