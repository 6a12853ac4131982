/** What a file says, with LF at the ends of lines; a shell script has its parts in it. */
export declare function textOf(file: string): string;
