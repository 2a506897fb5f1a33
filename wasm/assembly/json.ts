/**
 * Values are canonical JSON text and stay text: no number is read or formatted here. Plain literals, texts without
 * escapes and decimals of up to 15 digits are seen to be canonical; about the rest the host is asked.
 */

/** Whether `JSON.stringify(JSON.parse(text))` is this very text, nested at most 32 deep. */
@external("host", "canonical")
declare function askCanonical(at: u32, length: u32): bool;

// @ts-ignore: decorator
@inline function isDigit(char: u32): bool { return char - 48 < 10; }

/** 1: yes; 0: ask. Fifteen digits name a double that no shorter decimal names, so such text is what JSON writes. */
function plainNumber(at: u32, length: u32): bool {
  let i = at;
  const end = at + length;
  if (load<u8>(i) == 45) i++;
  if (end - i > 16 || i == end) return false;
  const first = i;
  while (i < end && isDigit(load<u8>(i))) i++;
  const whole = i - first;
  if (whole == 0 || (whole > 1 && load<u8>(first) == 48)) return false;
  if (i == end) return whole <= 15 && (load<u8>(first) != 48 || first == at);
  if (load<u8>(i) != 46 || end - first > 16) return false;
  const point = i++;
  let leading: u32 = 0;
  let seen = load<u8>(first) != 48;
  while (i < end && isDigit(load<u8>(i))) {
    if (load<u8>(i) != 48) seen = true;
    if (!seen) leading++;
    i++;
  }
  // Below a millionth it is written with an exponent.
  return i == end && i - point > 1 && load<u8>(end - 1) != 48 && leading < 6;
}

function plainText(at: u32, length: u32): bool {
  const end = at + length - 1;
  if (length < 2 || load<u8>(end) != 34) return false;
  let i = at + 1;
  // No byte below space, no quote, no backslash, sixteen at a time.
  for (; i + 16 <= end; i += 16) {
    const bytes = v128.load(i);
    const bad = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92))),
      i8x16.lt_u(bytes, i8x16.splat(32)),
    );
    if (v128.any_true(bad)) return false;
  }
  for (; i < end; i++) {
    const char = load<u8>(i);
    if (char == 34 || char == 92 || char < 32) return false;
  }
  return true;
}

/** Sure without asking; false says nothing. */
export function plain(at: u32, length: u32): bool {
  if (length == 0) return false;
  const first = load<u8>(at);
  if (first == 34 && plainText(at, length)) return true;
  if ((isDigit(first) || first == 45) && plainNumber(at, length)) return true;
  if (length == 4 && (load<u32>(at) == 0x65757274 || load<u32>(at) == 0x6c6c756e)) return true;
  if (length == 5 && load<u32>(at) == 0x736c6166 && load<u8>(at + 4) == 101) return true;
  return false;
}
export function isCanonical(at: u32, length: u32): bool {
  return length > 0 && (plain(at, length) || askCanonical(at, length));
}
