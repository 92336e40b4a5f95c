// SPDX-License-Identifier: Apache-2.0
/// The `tessera` program: parses arguments, nothing else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "cli/commands.hpp"
#include "cli/judge.hpp"
#include "cli/options.hpp"
#include "workloads/collectives.hpp"

namespace {

// One sentence, on one line.
std::string one_line(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, "; ");
  return text;
}

int bad(const std::string& sentence, int code = tessera::cli::kBad) {
  fmt::print(stderr, "tessera: {}\n", one_line(sentence));
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tessera;
  CLI::App app{"Tessera: a NeuronCore-class accelerator in RTL, stitched into clusters and run cycle by cycle.",
               "tessera"};
  app.require_subcommand(1);
  app.footer(
      "The launcher ./tessera also knows: test, lint, bench, wave, coverage.\n"
      "Exit codes: 0 good (or the program failed as it announces), 1 RTL and golden model differ, 2 bad input or a "
      "hardware error, 3 a build or the set-up fails, 130 interrupted.");
  app.set_version_flag("--version", "tessera " TSR_VERSION);
  workloads::RunOptions options, demo_options;
  std::string mesh = "1x1", demo_mesh = "4x4";
  demo_options.threads = 2;

  auto* matmul = app.add_subcommand("matmul", "C = A . B on the mesh; A [M, K], B [K, N], C float32 [M, N]");
  cli::MatmulArgs mm;
  matmul->add_option("--a", mm.a, ".npy file of A [M, K]")->required();
  matmul->add_option("--b", mm.b, ".npy file of B [K, N]")->required();
  matmul->add_option("--out", mm.out, ".npy file for C (float32)")->required();
  matmul->add_option("--dtype", mm.dtype, "element type of A and B in the machine: bf16")->capture_default_str();
  matmul->add_option("--out-dtype", mm.out_dtype, "element type of C in the machine: fp32 or bf16")
      ->capture_default_str();
  matmul->add_option("--shard", mm.shard, "mn: blocks of C per tile; k: ranges of K per tile, then a ring all-reduce")
      ->capture_default_str();
  matmul
      ->add_option("--residence", mm.residence,
                   "hbm: operands stream from HBM; sbuf: they are brought to SBUF first, all of them")
      ->capture_default_str();
  cli::add_common(*matmul, options, mesh);

  auto* collective = app.add_subcommand("collective", "a collective over all tiles; X [ranks, elements]");
  cli::CollectiveArgs co;
  collective->add_option("kind", co.kind, workloads::collectives_help())->required();
  collective->add_option("--in", co.in, ".npy file of X, one row per tile")->required();
  collective->add_option("--out", co.out, ".npy file for the results, one row per tile")->required();
  collective->add_option("--op", co.op, "sum or max")->capture_default_str();
  collective->add_option("--algo", co.algo, workloads::collective_algos())->capture_default_str();
  collective->add_option("--dtype", co.dtype, "fp32 or bf16")->capture_default_str();
  collective->add_option("--residence", co.residence, "where the vectors stand: hbm or sbuf")->capture_default_str();
  collective->add_option("--pieces", co.pieces, "parts of a chunk that travel independently")->capture_default_str();
  cli::add_common(*collective, options, mesh);

  auto* run = app.add_subcommand("run", "assemble and run a program (.tsa)");
  std::string program;
  run->add_option("program", program, "assembler text")->required();
  cli::add_common(*run, options, mesh);

  auto* demo =
      app.add_subcommand("demo", "the main job: Llama-3-8B attention output projection, 16-way tensor parallel");
  cli::DemoArgs de;
  demo->add_option("--out-dir", de.folder, "folder of inputs, result, waveform, timeline and report")
      ->capture_default_str();
  demo->add_option("--bug", de.bug,
                   "hardware with this seeded fault (a patch in tests/faults), on smaller problems (p4)");
  demo->add_option("--also", de.also, "with --bug: programs (.tsa) to run after the products");
  cli::add_common(*demo, demo_options, demo_mesh);
  demo->get_option("--config")->default_str("p32, with --bug p4");
  for (const auto& [option, file] : {std::pair{"--waves", "fst"}, {"--timeline", "timeline.json"}, {"--json", "json"}})
    demo->get_option(option)->default_str(fmt::format("demo.{} in --out-dir; with --bug none", file));

  auto* info = app.add_subcommand("info", "print a hardware configuration");
  cli::add_config(*info, options);
  info->add_option("--json", options.json, "write the sizes as JSON");

  // The launcher asks what to build: `tessera --models COMMAND ...` prints the models that COMMAND would open.
  bool models_only = false;
  app.add_flag("--models", models_only, "print the Verilated models that the command needs, and stop");

  try {
    app.parse(argc, argv);
    if (*demo) options = demo_options, mesh = demo_mesh;
    if (*demo && !de.bug.empty() && demo->count("--config") == 0) options.config = "p4";
    const Config& cfg = cli::find_sizes(options, !*info);
    if (*info) return models_only ? 0 : cli::run_info(cfg, options.json);
    cli::check_common(cfg, options, mesh);
    if (models_only) {
      fmt::print("{}\n", cli::models_of(cfg, options, demo->parsed() && de.bug.empty()));
      return 0;
    }
    if (*matmul) return cli::run_matmul(cfg, options, mm);
    if (*collective) return cli::run_collective(cfg, options, co);
    if (*run) return cli::run_program(cfg, options, program, run->count("--mesh") != 0);
    return de.bug.empty() ? cli::run_demo(cfg, options, de) : cli::run_bug_demo(cfg, options, de);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(e);
    if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-')
      return bad(fmt::format("there is no command {}; --help lists the commands", argv[1]));
    return bad(std::string(e.what()) + "; --help lists the options");
  } catch (const cli::InputError& e) {
    return bad(e.what());
  } catch (const sim::NotBuilt& e) {
    return bad(e.what(), cli::kSetup);
  } catch (const std::bad_alloc&) {
    return bad("not enough memory for this problem; use a smaller mesh or smaller matrices");
  } catch (const std::exception& e) {
    return bad(e.what());
  }
}
