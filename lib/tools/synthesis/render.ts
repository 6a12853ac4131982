import { ApiObject, type App, Chart, Names } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Platform } from '../../core/platform';
import { InvalidOptionError } from '../../core/validation';
import { yaml } from '../../core/yaml';

/** An object of a synthesis: its manifest as an object and as YAML, and its file. */
export interface RenderedObject {
  /** Name of the folder of the chart. */
  readonly chart: string;
  /** File name, without the folder of the chart. */
  readonly file: string;
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  readonly manifest: any;
  readonly yaml: string;
}

/**
 * Renders all objects of an app. The texts are identical to the files that `app.synth()` writes, with a folder for
 * each chart and a file for each resource. This function is faster than `app.synth()`, which validates the whole app
 * for each chart.
 * @throws InvalidOptionError when there are problems, such as two objects with one name, even if `app.synth()` ignores
 * the problems. The message lists all problems.
 */
export function renderApp(app: App): RenderedObject[] {
  const constructs = app.node.findAll();
  throwIfProblems(constructs.flatMap(problemsOfConstruct));
  const made = constructs.filter(ApiObject.isApiObject);
  const objects = made.map((object) => renderObject(object, app));
  if (objects.length === 0)
    throwIfProblems(['the environment has no objects: create at least one object in its charts']);
  throwIfProblems([
    ...duplicateKeyProblems(
      objects.map(({ chart, file }) => `${chart}/${file}`),
      (file) => `the file ${file} would contain two objects: rename one of the two objects`,
    ),
    ...groupObjectsByCluster(made, objects).flatMap((ofCluster) =>
      duplicateKeyProblems(
        ofCluster.map(formatObjectIdentity),
        (object) =>
          `the object ${object} is created twice: rename one of the two objects, or set another namespace`,
      ),
    ),
  ]);
  return objects;
}

function renderObject(object: ApiObject, app: App): RenderedObject {
  const manifest = object.toJson();
  return { ...outputPathOfObject(object, app), manifest, yaml: yaml(manifest) };
}

/** Returns the name of the chart's folder (`chart`), and the name of the object's file (`file`). */
export function outputPathOfObject(object: ApiObject, app: App): Pick<RenderedObject, 'chart' | 'file'> {
  return {
    chart: Names.toDnsLabel(object.chart),
    file: `${`${object.kind}.${object.metadata.name}`.replace(/[^0-9a-zA-Z-_.]/g, '')}${app.outputFileExtension}`,
  };
}

function problemsOfConstruct(construct: IConstruct): string[] {
  const { path } = construct.node;
  return [
    ...construct.node.validate().map((problem) => `${path}: ${problem}`),
    ...(isNestedChart(construct)
      ? [`${path}: a chart cannot be inside another chart: create the chart in the app`]
      : []),
    ...construct.node.dependencies
      .filter((other) => Chart.of(other) !== Chart.of(construct))
      .map(
        (other) =>
          `${path} cannot depend on ${other.node.path} in another chart, because such a dependency would rename the folders of charts: remove the dependency; the command apply and Argo CD (by sync waves) already apply objects in a fixed order`,
      ),
  ];
}

function isNestedChart(construct: IConstruct): boolean {
  return Chart.isChart(construct) && construct.node.scopes.slice(0, -1).some(Chart.isChart);
}

function formatObjectIdentity({ manifest: { apiVersion, kind, metadata } }: RenderedObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}

/**
 * Groups objects by cluster. Objects of charts that set no cluster are in every group, because users can apply these
 * objects to any cluster.
 */
function groupObjectsByCluster(
  made: readonly ApiObject[],
  objects: readonly RenderedObject[],
): RenderedObject[][] {
  const clusters = made.map((object) => Platform.clusterOf(object));
  const named = new Set(clusters.filter((cluster) => cluster !== undefined));
  return [...(named.size ? named : [undefined])].map((cluster) =>
    objects.filter((_, at) => clusters[at] === undefined || clusters[at] === cluster),
  );
}

function duplicateKeyProblems(keys: readonly string[], formatProblem: (key: string) => string): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const one of keys) (seen.has(one) ? twice : seen).add(one);
  return [...twice].map(formatProblem);
}

function throwIfProblems(complaints: readonly string[]): void {
  if (complaints.length) throw new InvalidOptionError(complaints.join('\n  '));
}
