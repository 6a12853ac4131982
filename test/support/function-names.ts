import { readFileSync } from 'node:fs';
import { ts } from 'ts-morph';

/** Name of a function or method, or of a constant whose value is a function. */
export interface NamedFunction {
  readonly name: string;
  readonly isMethod: boolean;
  readonly isExported: boolean;
}

const isExported = (node: { readonly modifiers?: ts.NodeArray<ts.ModifierLike> }): boolean =>
  (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** Returns the function that a syntax node declares, or `undefined` if the node declares no function. */
function declaredFunction(node: ts.Node): NamedFunction | undefined {
  if (ts.isFunctionDeclaration(node) && node.name) {
    return { name: node.name.text, isMethod: false, isExported: isExported(node) };
  }
  if (ts.isMethodDeclaration(node)) {
    return { name: node.name.getText().replace(/^#/, ''), isMethod: true, isExported: false };
  }
  if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || !node.initializer) return undefined;
  if (!ts.isArrowFunction(node.initializer) && !ts.isFunctionExpression(node.initializer)) return undefined;
  const statement = node.parent.parent;
  return {
    name: node.name.text,
    isMethod: false,
    isExported: ts.isVariableStatement(statement) && isExported(statement),
  };
}

/** Compiler options. Doc comments are not parsed, because they contain no functions and take a third of the time. */
const OPTIONS: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
};

/** Returns all functions of a source file, including nested functions. */
export function functionsIn(path: string): readonly NamedFunction[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), OPTIONS, true);
  const found: NamedFunction[] = [];
  const visit = (node: ts.Node): void => {
    const one = declaredFunction(node);
    if (one) found.push(one);
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}
