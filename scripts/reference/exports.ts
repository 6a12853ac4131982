import { type ExportedDeclarations, Node, type Project, type SourceFile } from 'ts-morph';

/** An export of the library. */
export interface Exported {
  readonly name: string;
  readonly node: ExportedDeclarations;
  /** Name of the reference page: the folder of the file with the declaration. */
  readonly page: string;
}

/** Returns everything that the library exports, sorted by name. */
export function publicExports(project: Project): Exported[] {
  const root = project.getSourceFileOrThrow('lib/index.ts');
  const values = exportedValues(root);
  return [...root.getExportedDeclarations()]
    .flatMap(([name, [node]]) =>
      node && (isType(node) || values.has(name)) ? [{ name, node, page: pageNameOf(node) }] : [],
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const isType = (node: Node): boolean =>
  Node.isInterfaceDeclaration(node) || Node.isTypeAliasDeclaration(node);

/**
 * Returns the names of exported values, which a program can use at run time. `export type *` only exports the types of
 * a file, not its functions.
 */
function exportedValues(root: SourceFile): ReadonlySet<string> {
  const named = root
    .getExportDeclarations()
    .filter((declaration) => !declaration.isTypeOnly())
    .flatMap((declaration) => declaration.getNamedExports());
  return new Set(named.filter((one) => !one.isTypeOnly()).map((one) => one.getName()));
}

const pageNameOf = (node: Node): string =>
  /\/lib\/(?:tools\/)?([\w-]+)[/.]/.exec(node.getSourceFile().getFilePath())?.[1] ?? '';

/**
 * A function that formats code as HTML, with links from the names of exports to their descriptions. Returns an empty
 * text for an empty text.
 */
export type Links = (text: string) => string;

export function createLinks(from: string, all: readonly Exported[], folder = ''): Links {
  const known = new Map(all.map((one) => [one.name, one.page]));
  return (text) => {
    if (!text) return '';
    const linked = escapeHtml(text).replaceAll(/(?<![\w']|\w\.)[A-Za-z]\w+(?![\w'])/g, (word) => {
      const page = known.get(word);
      if (page === undefined) return word;
      return `<a href="${page === from ? '' : `${folder}${page}.md`}#${word.toLowerCase()}">${word}</a>`;
    });
    return `<code>${linked}</code>`;
  };
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('*', '&#42;');
