// The plan parser: good plans, every kind of bad count, and random bytes in exactly sized memory.
#include "plan.h"

#include "expect.h"

static struct plan plan;
static struct plan_fault fault;

static bool parses(const char *text, size_t size) {
  free(plan.text);
  free(plan.table);
  plan.text = malloc(size ? size : 1);
  memcpy(plan.text, text, size);
  plan.size = size;
  plan.table_size = plan_table_size(plan.text, size);
  plan.table = malloc(plan.table_size);
  return plan_parse(&plan, &fault);
}
#define PARSES(text) parses(text, sizeof(text) - 1)

static void survives_anything(void) {
  static const char letters[] = "\0\0\0" "0123a9";
  unsigned seed = 11;
  char text[80];
  for (int round = 0; round < 50000; round++) {
    size_t n = (size_t)(round % 80), strings = 0;
    for (size_t i = 0; i < n; i++) text[i] = letters[((seed = seed * 1103515245 + 12345) >> 16) % (sizeof letters - 1)];
    if (!parses(text, n)) continue;
    for (size_t i = 0; i < plan.count; i++) {
      for (size_t k = 0; k < plan.step[i].count; k++) strings += strlen(plan.step[i].arg[k]) + 1;
      EXPECT(!plan.step[i].arg[plan.step[i].count]);
      strings += strlen(plan.step[i].arg[-1]) + 2;
    }
    EXPECT(strings <= n);
  }
}

int main(void) {
  EXPECT(PARSES("2\0root\0/x\0" "1\0end\0") && plan.count == 2);
  EXPECT(!strcmp(plan.step[0].arg[-1], "root") && plan.step[0].count == 1 && !strcmp(plan.step[0].arg[0], "/x") && !plan.step[0].arg[1]);
  EXPECT(!strcmp(plan.step[1].arg[-1], "end") && plan.step[1].count == 0 && !plan.step[1].arg[0]);
  EXPECT(PARSES("3\0a\0\0\0") && plan.step[0].count == 2 && !*plan.step[0].arg[0] && !*plan.step[0].arg[1]);
  EXPECT(PARSES("1\0\0") && !*plan.step[0].arg[-1]);
  EXPECT(!PARSES("") && fault.index == 0);
  EXPECT(!PARSES("2\0root\0/x") && fault.index == 0);
  EXPECT(!PARSES("0\0end\0"));
  EXPECT(!PARSES("2\0end\0"));
  EXPECT(!PARSES("x\0end\0"));
  EXPECT(!PARSES("-1\0end\0"));
  EXPECT(!PARSES("18446744073709551616\0end\0"));
  EXPECT(!PARSES("18446744073709551615\0end\0"));
  EXPECT(!PARSES("1\0end\0" "9\0x\0") && fault.index == 1);
  EXPECT(!PARSES("\0\0\0"));
  survives_anything();
  free(plan.text);
  free(plan.table);
  return done();
}
