// Writes the types of the package as one file: its exports, and the declarations that they refer to. Internal functions
// and constants would be a third of the types, and imports between files a tenth.
const path = require('node:path');
const { Node, Project, SyntaxKind, ts } = require('ts-morph');

const { ModuleKind, ModuleResolutionKind, TypeFormatFlags } = ts;

/** Returns the text of the single file, given the folder with the types of each file, and the entry file. */
function publicTypes(folder, entry) {
  const project = new Project({
    compilerOptions: {
      module: ModuleKind.CommonJS,
      moduleResolution: ModuleResolutionKind.Bundler,
      strict: true,
    },
  });
  const pattern = path.join(folder, '**/*.d.ts').replaceAll(path.sep, '/');
  const files = new Set(project.addSourceFilesAtPaths(pattern));
  nameIntersections([...files]);
  const isOwn = (node) => files.has(node.getSourceFile());
  const exported = exportsOf(project.getSourceFileOrThrow(entry));
  const reached = reachedFrom(exported.map(({ declaration }) => declaration).filter(isOwn), isOwn);
  const names = uniqueNames(reached, exported);
  return [
    ...importsOf([...files], reached.foreign),
    ...[...reached.statements].map((statement) => textOf(statement, names)),
    ...exportsIn(exported, names),
    '',
  ]
    .join('\n')
    .replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
}

/**
 * Replaces types that are inferred from a list of components by names of their parts, so that the components' own long
 * types do not become public.
 */
function nameIntersections(files) {
  const inferred = files
    .flatMap((file) => file.getTypeAliases())
    .filter((alias) => alias.getTypeNodeOrThrow().getText().startsWith('Intersection<'));
  const texts = inferred.map((alias) =>
    alias.getType().getText(alias, TypeFormatFlags.NoTruncation | TypeFormatFlags.InTypeAlias),
  );
  // All are read before one is changed, because a change causes a new type check.
  for (const [index, alias] of inferred.entries()) alias.setType(texts[index]);
}

/** Returns the exports of a file: names, their declarations, and whether they are type-only. */
function exportsOf(entry) {
  const asValues = entry
    .getExportDeclarations()
    .filter((one) => !one.isTypeOnly())
    .flatMap((one) => [
      one.getNamespaceExport(),
      ...one.getNamedExports().filter((part) => !part.isTypeOnly()),
    ])
    .flatMap((part) => part?.getAliasNode?.()?.getText() ?? part?.getName() ?? []);
  return [...entry.getExportedDeclarations()].flatMap(([name, [declaration]]) => {
    const isType = !asValues.includes(name);
    // A constant among the types of a file is useless.
    return isType && !hasType(declaration) ? [] : [{ name, declaration, isType }];
  });
}

const hasType = (declaration) =>
  Node.isInterfaceDeclaration(declaration) ||
  Node.isTypeAliasDeclaration(declaration) ||
  Node.isClassDeclaration(declaration);

/**
 * Returns the statements of the library that contain declarations and what they refer to, and the names from other
 * packages.
 */
function reachedFrom(declarations, isOwn) {
  const statements = new Set();
  const foreign = new Set();
  const keep = (declaration) => {
    const statement = statementOf(declaration);
    if (statements.has(statement)) return;
    statements.add(statement);
    for (const name of namesIn(statement)) {
      const declared = declarationsOf(name);
      declared.filter(isOwn).forEach(keep);
      if (!declared.some(isOwn) && isReference(name)) foreign.add(name.getText());
    }
  };
  declarations.forEach(keep);
  return { statements, foreign };
}

/** Returns the top-level statement of a declaration. */
const statementOf = (node) => [node, ...node.getAncestors()].at(-2) ?? node;

const namesIn = (statement) => statement.getDescendantsOfKind(SyntaxKind.Identifier);

/** Returns whether a name refers to a type by itself, and is not declared in the statement or in a namespace. */
function isReference(name) {
  const parent = name.getParent();
  if (Node.isQualifiedName(parent)) return parent.getLeft() === name;
  if (Node.isPropertyAccessExpression(parent)) return parent.getExpression() === name;
  return (
    Node.isTypeReference(parent) || Node.isTypeQuery(parent) || Node.isExpressionWithTypeArguments(parent)
  );
}

function declarationsOf(name) {
  const symbol = name.getSymbol();
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations() ?? [];
}

/** Returns a unique name for each top-level declaration: its own, or with a number in case of duplicates. */
function uniqueNames({ statements, foreign }, exported) {
  const names = new Map();
  const taken = new Set(foreign);
  const add = (declaration) => {
    const name = declaration.getName();
    let unique = name;
    for (let number = 2; taken.has(unique); number += 1) unique = `${name}${number}`;
    taken.add(unique);
    names.set(declaration, unique);
  };
  const declared = [...statements].flatMap(declarationsIn);
  const isExported = new Set(exported.map(({ declaration }) => declaration));
  declared.filter((one) => isExported.has(one)).forEach(add);
  declared.filter((one) => !isExported.has(one)).forEach(add);
  return names;
}

const declarationsIn = (statement) =>
  Node.isVariableStatement(statement) ? statement.getDeclarations() : [statement];

/** Returns the text of a statement, with the names in the single file. */
function textOf(statement, names) {
  const start = statement.getStart(true);
  const edits = namesIn(statement).flatMap((name) => {
    const unique = declarationsOf(name)
      .map((one) => names.get(one))
      .find(Boolean);
    return unique ? [{ ...rangeOf(name), text: unique }] : [];
  });
  let text = statement.getFullText().slice(start - statement.getFullStart());
  for (const { from, to, text: name } of edits.reverse()) {
    text = text.slice(0, from - start) + name + text.slice(to - start);
  }
  return text.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?:declare )?(?=\w)/, (_, comment) =>
    /^export (?:type|interface)\b/.test(text.slice(comment.length)) ? comment : `${comment}declare `,
  );
}

/** Returns the range of a name, including an import of its file before it: `import("./file").Name`. */
function rangeOf(name) {
  const parent = name.getParent();
  if (!Node.isImportTypeNode(parent)) return { from: name.getStart(), to: name.getEnd() };
  const isValue = parent.getText().startsWith('typeof ');
  return { from: parent.getStart() + (isValue ? 'typeof '.length : 0), to: name.getEnd() };
}

/** Returns the imports of names from other packages. */
function importsOf(files, names) {
  const found = files.flatMap((file) => [...file.getImportDeclarations(), ...file.getExportDeclarations()]);
  const texts = found
    .filter((one) => one.getModuleSpecifierValue() && !one.isModuleSpecifierRelative())
    .flatMap((one) => {
      const module = one.getModuleSpecifierValue();
      const whole = Node.isExportDeclaration(one) && one.getNamespaceExport()?.getName();
      const parts = Node.isImportDeclaration(one) ? one.getNamedImports().map((part) => part.getName()) : [];
      return whole
        ? [[whole, `import * as ${whole} from '${module}';`]]
        : parts.map((name) => [name, `import { ${name} } from '${module}';`]);
    });
  return [...new Map(texts.filter(([name]) => names.has(name))).values()].sort();
}

/** Returns the statements that export everything, values and types separately. */
function exportsIn(exported, names) {
  return [false, true].map((isType) => {
    const parts = exported
      .filter((one) => one.isType === isType)
      .map(({ name, declaration }) => {
        const unique = names.get(declaration) ?? name;
        return unique === name ? name : `${unique} as ${name}`;
      });
    return `export ${isType ? 'type ' : ''}{ ${parts.join(', ')} };`;
  });
}

module.exports = { publicTypes };
