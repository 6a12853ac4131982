/**
 * What a file says, whatever ends its lines. A checkout on Windows may have CRLF (`core.autocrlf`), and no shell, awk or nginx
 * would run what was made of that.
 */
const textOf = (content) => content.replaceAll('\r\n', '\n');

module.exports = { textOf };
