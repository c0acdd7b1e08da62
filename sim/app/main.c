#include "sim/app/verbs.h"

int main(int argc, char **argv) {
    return sim_app_main(argc, argv);
}
