/** Marks of open files: set, taken once, and left for whoever outlives the thread. */

import { describe, expect, test } from 'bun:test';
import { constants } from 'node:fs';
import { FileMarks, markedFilesMax } from '../../src/model/file-marks.ts';
import { FileError } from '../../src/store/errno.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { markedFileSystem } from '../../src/store/marked-file-system.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';

describe('marks', () => {
  test('are seen by both sides, and each is taken once', () => {
    const memory = FileMarks.memory();
    const [thread, main] = [new FileMarks(memory), new FileMarks(memory)];
    for (const descriptor of [0, 7, 8, 70_000, markedFilesMax - 1]) {
      expect(thread.tryMark(descriptor)).toBe(true);
    }
    thread.take(8);
    expect(main.takeAll()).toEqual([0, 7, 70_000, markedFilesMax - 1]);
    expect(main.takeAll()).toEqual([]);
    expect(() => thread.take(7)).toThrow();
    expect(() => thread.take(9)).toThrow();
  });

  test('have no place for a number beyond the last', () => {
    expect(new FileMarks(FileMarks.memory()).tryMark(markedFilesMax)).toBe(false);
  });
});

describe('a file system with marks', () => {
  test('marks what is opened in each of the three ways, until it is closed', () => {
    const marks = new FileMarks(FileMarks.memory());
    const fileSystem = markedFileSystem(systemFileSystem, marks);
    const root = fileSystem.open('/', constants.O_RDONLY, 0);
    const beside = fileSystem.openat(root, '.', constants.O_RDONLY);
    const opened = [root, beside];
    if (process.platform === 'linux') {
      opened.push(fileSystem.openat2(root, '.', constants.O_RDONLY, 0));
    }
    fileSystem.close(beside);
    expect(() => fileSystem.close(beside)).toThrow();
    const left = opened.filter((descriptor) => descriptor !== beside).sort((a, b) => a - b);
    expect(marks.takeAll()).toEqual(left);
    for (const descriptor of left) systemFileSystem.close(descriptor);
  });

  test('a mark is gone before the file is closed: whoever comes then closes no other', () => {
    const marks = new FileMarks(FileMarks.memory());
    const seen: number[][] = [];
    const watching: FileSystem = {
      ...systemFileSystem,
      open: () => 5,
      close: () => seen.push(marks.takeAll()),
    };
    const fileSystem = markedFileSystem(watching, marks);
    fileSystem.close(fileSystem.open('/', 0, 0));
    expect(seen).toEqual([[]]);
  });

  test('a number that cannot be marked is closed at once', () => {
    const closed: number[] = [];
    const crowded: FileSystem = {
      ...systemFileSystem,
      openat: () => markedFilesMax,
      close: (descriptor) => closed.push(descriptor),
    };
    const fileSystem = markedFileSystem(crowded, new FileMarks(FileMarks.memory()));
    expect(() => fileSystem.openat(3, 'x', 0)).toThrow(FileError);
    expect(closed).toEqual([markedFilesMax]);
  });
});
