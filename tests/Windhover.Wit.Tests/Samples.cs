namespace Windhover.Wit.Tests;

internal static class Samples
{
    /// <summary>One file with every construct of the language.</summary>
    public const string Everything = """
        /// The package.
        package acme:sample@1.2.0;

        use acme:library/shapes@0.3.1-rc.1 as drawing;

        /// Types of every kind.
        @since(version = 1.0.0)
        interface kinds {
          use drawing.{point, canvas as surface};

          type words = list<string>;
          type grid = list<u8, 16>;
          type lookup = map<string, option<words>>;
          type answer = result<u64, problem>;
          type signal = stream;
          type held = own<surface>;
          /// A record.
          record person {
            /// Given name.
            name: string,
            age: option<u16>,
            at: point,
            %list: tuple<s8, s16, s32, s64, f32, f64, char, bool>,
          }
          variant problem {
            none,
            /// Text.
            text(string),
            code(u32),
          }
          enum color { red, green, blue }
          flags rights { read, write, URL-access }
          @unstable(feature = hidden)
          resource secret {
            @unstable(feature = hidden)
            open: func();
          }
          before: func();
          @external-id("café \"x\"")
          resource file {
            constructor(path: string) -> result<file, problem>;
            read: async func(n: u64) -> result<list<u8>, problem>;
            merge: static func(a: borrow<file>, b: borrow<file>) -> file;
            @since(version = 1.1.0)
            @deprecated(version = 1.2.0)
            %stream: func() -> tuple<stream<u8>, future<result<_, problem>>>;
          }
          trace: func(e: error-context, to: borrow<surface>) -> result;
        }

        interface store {
          use kinds.{problem};
          get: func(key: string) -> result<option<list<u8>>, problem>;
        }

        /// The base.
        world base {
          import wide: interface {
            use kinds.{color, file};
            paint: func(c: color, f: file);
          }
          import cache: store;
          record own-record { x: u32 }
          resource thing {
            constructor();
            touch: func(r: own-record);
          }
          import log: func(r: own-record, t: borrow<thing>);
          export run: async func() -> result;
        }

        world extended {
          include base with { cache as second-cache, log as trace }
          use kinds.{color as paint};
          import cache: store;
          export store;
          export handle: func(p: paint) -> list<paint>;
          export inner: interface { f: func(); }
        }

        package acme:library@0.3.1-rc.1 {
          interface shapes {
            record point { x: f64, y: f64 }
            resource canvas { draw: func(at: point); }
          }
        }
        """;
}
