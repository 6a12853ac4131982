// Writes the types of the package as one file, which contains its exports and all declarations that the exports refer
// to. Without this selection, internal functions and constants would be a third of the types, and imports between files
// a tenth.
const path = require('node:path');
const { Node, Project, SyntaxKind, ts } = require('ts-morph');

const { ModuleKind, ModuleResolutionKind, TypeFormatFlags } = ts;

/**
 * Returns the text of the file with all types.
 * @param folder folder with the types of each source file
 * @param entry path of the entry file
 */
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
  const exported = listExports(project.getSourceFileOrThrow(entry));
  const reached = collectReachable(exported.map(({ declaration }) => declaration).filter(isOwn), isOwn);
  const names = uniqueNames(reached, exported);
  return [
    ...renderImports([...files], reached.foreign),
    ...[...reached.statements].map((statement) => renderStatement(statement, names)),
    ...renderExports(exported, names),
    '',
  ]
    .join('\n')
    .replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
}

/**
 * Replaces types that the compiler infers from a list of components. Afterwards they only name the types of the
 * components' settings, so that the long types of the components themselves do not become public.
 */
function nameIntersections(files) {
  const inferred = files
    .flatMap((file) => file.getTypeAliases())
    .filter((alias) => alias.getTypeNodeOrThrow().getText().startsWith('Intersection<'));
  const texts = inferred.map((alias) =>
    alias.getType().getText(alias, TypeFormatFlags.NoTruncation | TypeFormatFlags.InTypeAlias),
  );
  // All types are read before the first is changed, because each change causes a new type check.
  for (const [index, alias] of inferred.entries()) alias.setType(texts[index]);
}

/**
 * Returns the exports of a file: their names, their declarations, and whether they are type-only. Type-only exports of
 * constants are left out.
 */
function listExports(entry) {
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
    // A type-only export of a constant is useless.
    return isType && !isTypeDeclaration(declaration) ? [] : [{ name, declaration, isType }];
  });
}

const isTypeDeclaration = (declaration) =>
  Node.isInterfaceDeclaration(declaration) ||
  Node.isTypeAliasDeclaration(declaration) ||
  Node.isClassDeclaration(declaration);

/**
 * Returns the top-level statements of the library that contain these declarations, and the statements that they refer
 * to, recursively. Also returns the names from other packages.
 */
function collectReachable(declarations, isOwn) {
  const statements = new Set();
  const foreign = new Set();
  const addStatement = (declaration) => {
    const statement = statementOf(declaration);
    if (statements.has(statement)) return;
    statements.add(statement);
    for (const name of identifiersIn(statement)) {
      const declared = declarationsOf(name);
      declared.filter(isOwn).forEach(addStatement);
      if (!declared.some(isOwn) && isReference(name)) foreign.add(name.getText());
    }
  };
  declarations.forEach(addStatement);
  return { statements, foreign };
}

/** Returns the top-level statement that contains a declaration. */
const statementOf = (node) => [node, ...node.getAncestors()].at(-2) ?? node;

const identifiersIn = (statement) => statement.getDescendantsOfKind(SyntaxKind.Identifier);

/** Returns whether a name refers to a type directly. Members of a namespace or object do not count. */
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

/**
 * Returns a unique name for each top-level declaration: its own name, or its own name with a number if another
 * declaration has the same name.
 */
function uniqueNames({ statements, foreign }, exported) {
  const names = new Map();
  const taken = new Set(foreign);
  const addName = (declaration) => {
    const name = declaration.getName();
    let unique = name;
    for (let number = 2; taken.has(unique); number += 1) unique = `${name}${number}`;
    taken.add(unique);
    names.set(declaration, unique);
  };
  const declared = [...statements].flatMap(declarationsIn);
  const isExported = new Set(exported.map(({ declaration }) => declaration));
  declared.filter((one) => isExported.has(one)).forEach(addName);
  declared.filter((one) => !isExported.has(one)).forEach(addName);
  return names;
}

const declarationsIn = (statement) =>
  Node.isVariableStatement(statement) ? statement.getDeclarations() : [statement];

/** Returns the text of a statement, in which each name is replaced by its unique name. */
function renderStatement(statement, names) {
  const start = statement.getStart(true);
  const edits = identifiersIn(statement).flatMap((name) => {
    const unique = declarationsOf(name)
      .map((one) => names.get(one))
      .find(Boolean);
    return unique ? [{ ...nameRange(name), text: unique }] : [];
  });
  let text = statement.getFullText().slice(start - statement.getFullStart());
  for (const { from, to, text: name } of edits.reverse()) {
    text = text.slice(0, from - start) + name + text.slice(to - start);
  }
  return text.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?:declare )?(?=\w)/, (_, comment) =>
    /^export (?:type|interface)\b/.test(text.slice(comment.length)) ? comment : `${comment}declare `,
  );
}

/** Returns the range of a name. The range includes a preceding import of the file: `import("./file").Name`. */
function nameRange(name) {
  const parent = name.getParent();
  if (!Node.isImportTypeNode(parent)) return { from: name.getStart(), to: name.getEnd() };
  const isValue = parent.getText().startsWith('typeof ');
  return { from: parent.getStart() + (isValue ? 'typeof '.length : 0), to: name.getEnd() };
}

/** Returns import statements for those of the names that other packages export. */
function renderImports(files, names) {
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

/** Returns one statement that exports all values, and one that exports all types. */
function renderExports(exported, names) {
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
