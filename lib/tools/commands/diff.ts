import { compareManifests, type ObjectChange } from '../diff/compare';
import { readManifestsInFolder, readManifestsOfGitRevision } from '../diff/manifest-files';
import { addPodStartAndStopWarnings, type LabelledNode } from '../diff/moved-pods';
import { formatMarkdownReport, formatTextReport } from '../diff/report';
import { listObjects, runKubectl } from '../process/kubectl';
import { outputFolder, renderEnvironments } from '../synthesis/synthesize';
import type { CommandContext, CommandModule, CommandResult } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironments } from './environments';
import { EXIT } from './exit-codes';

interface Values {
  readonly against?: string;
  readonly environment?: string;
  readonly markdown?: boolean;
  readonly nodes?: boolean;
}

/** Command `diff`: prints the objects and fields that a synthesis would change in `dist/`. */
export const diff: CommandModule = { define: defineDiffOptions, run: runDiff };

function defineDiffOptions(line: CommandLine): void {
  line
    .description(
      'Compares a synthesis with dist/, or with dist/ of a git revision, and prints the changed objects and fields. Warns about changes that Kubernetes rejects, and about changes that restart pods with volumes. Writes nothing.',
    )
    .option('--against <revision>', 'compares with dist/ in a git revision (default: dist/ on disk)')
    .option('--environment <name>', 'only this environment (default: all)')
    .option('--markdown', 'prints Markdown for a comment on a pull request')
    .option(
      '--nodes',
      "also lists the nodes on which the change starts or stops pods of DaemonSets, in the cluster of kubectl's current context",
    )
    .addHelpText('after', `\nExit code ${EXIT.differences}: there are differences.`);
}

function runDiff(line: CommandLine, { environments, io }: CommandContext): CommandResult {
  const { against, environment, markdown, nodes = false } = line.opts<Values>();
  const only = chooseEnvironments(environment, environments);
  const folder = outputFolder();
  const files =
    against === undefined ? readManifestsInFolder(folder) : readManifestsOfGitRevision(folder, against);
  const compared = [...files].filter(
    ([path]) => environment === undefined || path.startsWith(`${environment}/`),
  );
  const all = compareManifests(renderEnvironments(only), new Map(compared));
  const printReportAndReturnExitCode = (changes: readonly ObjectChange[]) => {
    const print = markdown ? formatMarkdownReport : formatTextReport;
    io.stdout(print(changes, against === undefined ? folder : `${folder} of ${against}`));
    return changes.length ? EXIT.differences : EXIT.done;
  };
  return nodes
    ? readClusterNodes().then((existing) =>
        printReportAndReturnExitCode(addPodStartAndStopWarnings(all, existing)),
      )
    : printReportAndReturnExitCode(all);
}

async function readClusterNodes(): Promise<LabelledNode[]> {
  const nodes = await listObjects(runKubectl, 'nodes');
  return nodes.map(({ metadata: { name, labels = {} } }) => ({ name, labels }));
}
