import { relative } from 'node:path';
import { ApiObject, type App } from 'cdk8s';
import { TRACE_KEY } from '../../core/objects';
import { createApp, type Environments, environmentNamesOrThrowIfNone } from './environment';
import { outputPathOfObject } from './render';

/** Origin of an object: the constructs and the source lines that create it. */
export interface Origin {
  /** `Kind/name`, or `Kind/namespace/name`. */
  readonly object: string;
  /** File of the object: `<environment>/<chart>/<file>`. */
  readonly file: string;
  /** The constructs that contain the object, innermost first. */
  readonly constructs: readonly ParentConstruct[];
  /**
   * Source lines of the call stack as `file:line`, innermost first. The list is empty if no construct of this library created
   * the object.
   */
  readonly lines: readonly string[];
}

/** A construct that contains an object. */
export interface ParentConstruct {
  readonly className: string;
  /** Path of the construct in the app. */
  readonly path: string;
}

/** Returns the constructs and source lines that create each object of all environments. */
export function findCodeThatCreatesObjects(environments: Environments): Origin[] {
  return environmentNamesOrThrowIfNone(environments).flatMap((name) => {
    const app = createApp(name, environments, { [TRACE_KEY]: true });
    return app.node
      .findAll()
      .filter(ApiObject.isApiObject)
      .map((object) => findCodeThatCreatesObject(object, name, app));
  });
}

function findCodeThatCreatesObject(object: ApiObject, environment: string, app: App): Origin {
  const { chart, file } = outputPathOfObject(object, app);
  const { namespace } = object.toJson().metadata;
  const [created] = object.node.metadata.filter(({ type }) => type === TRACE_KEY);
  return {
    object: [object.kind, namespace, object.metadata.name].filter(Boolean).join('/'),
    file: `${environment}/${chart}/${file}`,
    constructs: object.node.scopes
      .filter((scope) => scope !== app && scope !== object)
      .map((scope) => ({ className: scope.constructor.name, path: scope.node.path }))
      .reverse(),
    lines: removeStackFramesOfCommand(created?.trace ?? []).flatMap(sourceLocationOfStackFrame),
  };
}

/** Returns the stack frames up to the environment's function. Removes the frames of `createApp` and its callers. */
function removeStackFramesOfCommand(frames: readonly string[]): readonly string[] {
  const end = frames.findIndex((frame) => frame.startsWith(`${createApp.name} `));
  return end < 0 ? frames : frames.slice(0, end);
}

/**
 * Returns a list with the `file:line` of a stack frame. The list is empty for frames of Node.js, of npm packages, and
 * of lib/core/objects.ts, which contains the functions that create objects.
 */
function sourceLocationOfStackFrame(frame: string): string[] {
  const [, file, line] = /^(?:.*\()?((?:file:\/\/)?\/.+|[A-Za-z]:\\.+):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (!file || /node_modules|core[\\/]objects\.[jt]s$/.test(file)) return [];
  return [`${relative(process.cwd(), file.replace(/^file:\/\//, ''))}:${line}`];
}
