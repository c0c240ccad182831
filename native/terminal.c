// The user's terminal: raw mode and back. Knows nothing of containers.
#include "terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool raw;

void terminal_raw(bool processes) {
  struct termios now;
  if (raw || tcgetattr(0, &before)) return;
  now = before;
  cfmakeraw(&now);
  if (processes) now.c_oflag = before.c_oflag;
  raw = !tcsetattr(0, TCSADRAIN, &now);
}

void terminal_restore(void) {
  if (raw) tcsetattr(0, TCSADRAIN, &before);
  raw = false;
}

bool terminal_size(uint8_t out[4]) {
  struct winsize size;
  if (ioctl(1, TIOCGWINSZ, &size) && ioctl(0, TIOCGWINSZ, &size)) return false;
  out[0] = (uint8_t)size.ws_row;
  out[1] = (uint8_t)(size.ws_row >> 8);
  out[2] = (uint8_t)size.ws_col;
  out[3] = (uint8_t)(size.ws_col >> 8);
  return size.ws_row && size.ws_col;
}
