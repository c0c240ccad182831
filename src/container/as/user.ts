// The numbers behind `name|uid[:group|gid]`, from the image's passwd and group files, as the native helper finds them. Pure.
import { TsnsError } from "../../base/error.ts";

export interface UserNumbers {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Its home directory; that of nobody whom the file knows is /. */
  readonly home: string;
}

interface Line {
  readonly name: string;
  readonly fields: readonly string[];
}

function linesOf(text: string): Line[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", ...fields] = line.split(":");
    return fields.length > 1 ? [{ name, fields }] : [];
  });
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** Throws not-found for a name that is in no file. `added`: --group-add. */
export function findUser(spec: string, added: readonly string[], passwd: string, group: string): UserNumbers {
  const [userPart = "", groupPart] = spec.split(":", 2);
  const groups = linesOf(group);
  const wanted = userPart === "" ? "0" : userPart;
  // a number is never a name: a line of the image's could make anybody root
  const line = linesOf(passwd).find(({ name, fields }) => (isNumber(wanted) ? fields[1] === wanted : name === wanted));
  if (!line && !isNumber(wanted)) throw missing("user", wanted, "passwd");
  const numberOf = (text: string): number => {
    if (isNumber(text)) return Number(text);
    const found = groups.find(({ name }) => name === text);
    if (!found) throw missing("group", text, "group");
    return Number(found.fields[1]);
  };
  // groups of the file are only of those who name no group themselves
  const member = groupPart || !line ? [] : groups.filter(({ fields }) => fields[2]?.split(",").includes(line.name));
  const gid = groupPart ? numberOf(groupPart) : Number(line?.fields[2] ?? 0);
  const others = [...member.map(({ fields }) => Number(fields[1])), ...added.map(numberOf)];
  return { uid: Number(line?.fields[1] ?? wanted), gid, groups: [...new Set(others)], home: line?.fields[4] || "/" };
}

function missing(what: string, name: string, file: string): TsnsError {
  return new TsnsError("not-found", `no-such-${what}`, `unable to find ${what} ${name}: no matching entries in ${file} file`, {
    hint: "the image's files are asked, not what is mounted over them",
  });
}
